// Written by protoc-gen-sample from odd_names.proto: change that, then run `make proto`.

import Protobuf
package import ProtobufRPC
package import RPCClient
package import RPCCore
package import RPCServer

/// `odd.Lines`: the names of its methods.
package enum Lines {
    package static let service = "odd.Lines"
    package static let open = MethodDescriptor(service: service, method: "Open")
    package static let service_ = MethodDescriptor(service: service, method: "Service", type: .serverStreaming)
    package static let channel_ = MethodDescriptor(service: service, method: "Channel", type: .clientStreaming)
    package static let init_ = MethodDescriptor(service: service, method: "Init", type: .bidirectional)
    package static let `default` = MethodDescriptor(service: service, method: "default")
}

/// What a server of `odd.Lines` does.
package protocol LinesService {
    func open(_ request: ChannelMessage, _ context: ServerContext) async throws(RPCError) -> CallOptionsMessage

    func service_(
        _ request: ChannelMessage, _ context: ServerContext, _ replies: MessageWriter<RPCErrorMessage>
    ) async throws(RPCError)

    func channel_(
        _ requests: MessageReader<ChannelMessage>, _ context: ServerContext
    ) async throws(RPCError) -> ChannelMessage

    func init_(
        _ requests: MessageReader<defaultMessage>, _ context: ServerContext, _ replies: MessageWriter<defaultMessage>
    ) async throws(RPCError)

    func `default`(_ request: Inner, _ context: ServerContext) async throws(RPCError) -> Inner
}

extension RPCRouter {
    /// Serves `odd.Lines`; `isApplication` is false for what probes call all the time.
    package mutating func add(_ service: some LinesService, isApplication: Bool = true) {
        unary(Lines.open, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: ChannelMessage = try decodeRequest(bytes, of: Lines.open)
            try await service.open(request, context).append(to: &reply)
        }
        serverStreaming(Lines.service_, isApplication: isApplication) {
            (request: ChannelMessage, context: ServerContext, replies: MessageWriter<RPCErrorMessage>)
                async throws(RPCError) in
            try await service.service_(request, context, replies)
        }
        clientStreaming(Lines.channel_, isApplication: isApplication) {
            (requests: MessageReader<ChannelMessage>, context: ServerContext) async throws(RPCError) in
            try await service.channel_(requests, context)
        }
        bidirectional(Lines.init_, isApplication: isApplication) {
            (requests: MessageReader<defaultMessage>, context: ServerContext, replies: MessageWriter<defaultMessage>)
                async throws(RPCError) in
            try await service.init_(requests, context, replies)
        }
        unary(Lines.`default`, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: Inner = try decodeRequest(bytes, of: Lines.`default`)
            try await service.`default`(request, context).append(to: &reply)
        }
    }
}

/// Calls `odd.Lines` over a channel, on the channel's loop.
package struct LinesClient {
    private let channel: Channel

    package init(_ channel: Channel) {
        self.channel = channel
    }

    package func open(
        _ request: ChannelMessage, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> CallOptionsMessage {
        try await channel.unary(Lines.open, request, options: options)
    }

    package func service_(
        _ request: ChannelMessage, options: CallOptions = CallOptions()
    ) throws(RPCError) -> MessageReader<RPCErrorMessage> {
        try channel.serverStreaming(Lines.service_, request, options: options)
    }

    package func channel_(options: CallOptions = CallOptions()) -> ClientStreamingCall<ChannelMessage, ChannelMessage> {
        channel.clientStreaming(Lines.channel_, options: options)
    }

    package func init_(options: CallOptions = CallOptions()) -> BidirectionalCall<defaultMessage, defaultMessage> {
        channel.bidirectional(Lines.init_, options: options)
    }

    package func `default`(_ request: Inner, options: CallOptions = CallOptions()) async throws(RPCError) -> Inner {
        try await channel.unary(Lines.`default`, request, options: options)
    }
}

/// `odd.String`: the names of its methods.
package enum StringMethods {
    package static let service = "odd.String"
    package static let self_ = MethodDescriptor(service: service, method: "Self")
}

/// What a server of `odd.String` does.
package protocol StringService {
    func self_(_ request: Inner, _ context: ServerContext) async throws(RPCError) -> Inner
}

extension RPCRouter {
    /// Serves `odd.String`; `isApplication` is false for what probes call all the time.
    package mutating func add(_ service: some StringService, isApplication: Bool = true) {
        unary(StringMethods.self_, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: Inner = try decodeRequest(bytes, of: StringMethods.self_)
            try await service.self_(request, context).append(to: &reply)
        }
    }
}

/// Calls `odd.String` over a channel, on the channel's loop.
package struct StringClient {
    private let channel: Channel

    package init(_ channel: Channel) {
        self.channel = channel
    }

    package func self_(_ request: Inner, options: CallOptions = CallOptions()) async throws(RPCError) -> Inner {
        try await channel.unary(StringMethods.self_, request, options: options)
    }
}
