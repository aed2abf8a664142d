// Written by protoc-gen-sample from etcd/rpc.proto: change that, then run `make proto`.

import Protobuf
package import ProtobufRPC
package import RPCClient
package import RPCCore
package import RPCServer

/// `etcdserverpb.KV`: the names of its methods.
package enum KV {
    package static let service = "etcdserverpb.KV"
    package static let range = MethodDescriptor(service: service, method: "Range")
    package static let put = MethodDescriptor(service: service, method: "Put")
    package static let deleteRange = MethodDescriptor(service: service, method: "DeleteRange")
    package static let txn = MethodDescriptor(service: service, method: "Txn")
}

/// What a server of `etcdserverpb.KV` does.
package protocol KVService {
    func range(_ request: RangeRequest, _ context: ServerContext) async throws(RPCError) -> RangeResponse

    func put(_ request: PutRequest, _ context: ServerContext) async throws(RPCError) -> PutResponse

    func deleteRange(
        _ request: DeleteRangeRequest, _ context: ServerContext
    ) async throws(RPCError) -> DeleteRangeResponse

    /// Several requests as one, of which the comparisons choose.
    func txn(_ request: TxnRequest, _ context: ServerContext) async throws(RPCError) -> TxnResponse
}

extension RPCRouter {
    /// Serves `etcdserverpb.KV`; `isApplication` is false for what probes call all the time.
    package mutating func add(_ service: some KVService, isApplication: Bool = true) {
        unary(KV.range, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: RangeRequest = try decodeRequest(bytes, of: KV.range)
            try await service.range(request, context).append(to: &reply)
        }
        unary(KV.put, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: PutRequest = try decodeRequest(bytes, of: KV.put)
            try await service.put(request, context).append(to: &reply)
        }
        unary(KV.deleteRange, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: DeleteRangeRequest = try decodeRequest(bytes, of: KV.deleteRange)
            try await service.deleteRange(request, context).append(to: &reply)
        }
        unary(KV.txn, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: TxnRequest = try decodeRequest(bytes, of: KV.txn)
            try await service.txn(request, context).append(to: &reply)
        }
    }
}

/// Calls `etcdserverpb.KV` over a channel, on the channel's loop.
package struct KVClient {
    private let channel: Channel

    package init(_ channel: Channel) {
        self.channel = channel
    }

    package func range(
        _ request: RangeRequest, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> RangeResponse {
        try await channel.unary(KV.range, request, options: options)
    }

    package func put(
        _ request: PutRequest, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PutResponse {
        try await channel.unary(KV.put, request, options: options)
    }

    package func deleteRange(
        _ request: DeleteRangeRequest, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> DeleteRangeResponse {
        try await channel.unary(KV.deleteRange, request, options: options)
    }

    /// Several requests as one, of which the comparisons choose.
    package func txn(
        _ request: TxnRequest, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> TxnResponse {
        try await channel.unary(KV.txn, request, options: options)
    }
}

/// `etcdserverpb.Watch`: the names of its methods.
package enum Watch {
    package static let service = "etcdserverpb.Watch"
    package static let watch = MethodDescriptor(service: service, method: "Watch", type: .bidirectional)
}

/// What a server of `etcdserverpb.Watch` does.
package protocol WatchService {
    /// Any number of watches over one stream, each told apart by its watch_id.
    func watch(
        _ requests: MessageReader<WatchRequest>, _ context: ServerContext, _ replies: MessageWriter<WatchResponse>
    ) async throws(RPCError)
}

extension RPCRouter {
    /// Serves `etcdserverpb.Watch`; `isApplication` is false for what probes call all the time.
    package mutating func add(_ service: some WatchService, isApplication: Bool = true) {
        bidirectional(Watch.watch, isApplication: isApplication) {
            (requests: MessageReader<WatchRequest>, context: ServerContext, replies: MessageWriter<WatchResponse>)
                async throws(RPCError) in
            try await service.watch(requests, context, replies)
        }
    }
}

/// Calls `etcdserverpb.Watch` over a channel, on the channel's loop.
package struct WatchClient {
    private let channel: Channel

    package init(_ channel: Channel) {
        self.channel = channel
    }

    /// Any number of watches over one stream, each told apart by its watch_id.
    package func watch(options: CallOptions = CallOptions()) -> BidirectionalCall<WatchRequest, WatchResponse> {
        channel.bidirectional(Watch.watch, options: options)
    }
}

/// `etcdserverpb.Lease`: the names of its methods.
package enum Lease {
    package static let service = "etcdserverpb.Lease"
    package static let leaseGrant = MethodDescriptor(service: service, method: "LeaseGrant")
    package static let leaseRevoke = MethodDescriptor(service: service, method: "LeaseRevoke")
    package static let leaseKeepAlive = MethodDescriptor(
        service: service, method: "LeaseKeepAlive", type: .bidirectional)
    package static let leaseTimeToLive = MethodDescriptor(service: service, method: "LeaseTimeToLive")
}

/// What a server of `etcdserverpb.Lease` does.
package protocol LeaseService {
    func leaseGrant(_ request: LeaseGrantRequest, _ context: ServerContext) async throws(RPCError) -> LeaseGrantResponse

    /// Deletes every key of the lease.
    func leaseRevoke(
        _ request: LeaseRevokeRequest, _ context: ServerContext
    ) async throws(RPCError) -> LeaseRevokeResponse

    /// Each request renews a lease.
    func leaseKeepAlive(
        _ requests: MessageReader<LeaseKeepAliveRequest>, _ context: ServerContext,
        _ replies: MessageWriter<LeaseKeepAliveResponse>
    ) async throws(RPCError)

    func leaseTimeToLive(
        _ request: LeaseTimeToLiveRequest, _ context: ServerContext
    ) async throws(RPCError) -> LeaseTimeToLiveResponse
}

extension RPCRouter {
    /// Serves `etcdserverpb.Lease`; `isApplication` is false for what probes call all the time.
    package mutating func add(_ service: some LeaseService, isApplication: Bool = true) {
        unary(Lease.leaseGrant, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: LeaseGrantRequest = try decodeRequest(bytes, of: Lease.leaseGrant)
            try await service.leaseGrant(request, context).append(to: &reply)
        }
        unary(Lease.leaseRevoke, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: LeaseRevokeRequest = try decodeRequest(bytes, of: Lease.leaseRevoke)
            try await service.leaseRevoke(request, context).append(to: &reply)
        }
        bidirectional(Lease.leaseKeepAlive, isApplication: isApplication) {
            (
                requests: MessageReader<LeaseKeepAliveRequest>, context: ServerContext,
                replies: MessageWriter<LeaseKeepAliveResponse>
            ) async throws(RPCError) in
            try await service.leaseKeepAlive(requests, context, replies)
        }
        unary(Lease.leaseTimeToLive, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: LeaseTimeToLiveRequest = try decodeRequest(bytes, of: Lease.leaseTimeToLive)
            try await service.leaseTimeToLive(request, context).append(to: &reply)
        }
    }
}

/// Calls `etcdserverpb.Lease` over a channel, on the channel's loop.
package struct LeaseClient {
    private let channel: Channel

    package init(_ channel: Channel) {
        self.channel = channel
    }

    package func leaseGrant(
        _ request: LeaseGrantRequest, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> LeaseGrantResponse {
        try await channel.unary(Lease.leaseGrant, request, options: options)
    }

    /// Deletes every key of the lease.
    package func leaseRevoke(
        _ request: LeaseRevokeRequest, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> LeaseRevokeResponse {
        try await channel.unary(Lease.leaseRevoke, request, options: options)
    }

    /// Each request renews a lease.
    package func leaseKeepAlive(
        options: CallOptions = CallOptions()
    ) -> BidirectionalCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> {
        channel.bidirectional(Lease.leaseKeepAlive, options: options)
    }

    package func leaseTimeToLive(
        _ request: LeaseTimeToLiveRequest, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> LeaseTimeToLiveResponse {
        try await channel.unary(Lease.leaseTimeToLive, request, options: options)
    }
}
