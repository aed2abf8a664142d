// Written by protoc-gen-sample from grpc/testing/test.proto: change that, then run `make proto`.

import Protobuf
package import ProtobufRPC
package import RPCClient
package import RPCCore
package import RPCServer

/// `grpc.testing.TestService`: the names of its methods.
package enum TestMethods {
    package static let service = "grpc.testing.TestService"
    package static let emptyCall = MethodDescriptor(service: service, method: "EmptyCall")
    package static let unaryCall = MethodDescriptor(service: service, method: "UnaryCall")
    package static let streamingOutputCall = MethodDescriptor(
        service: service, method: "StreamingOutputCall", type: .serverStreaming)
    package static let streamingInputCall = MethodDescriptor(
        service: service, method: "StreamingInputCall", type: .clientStreaming)
    package static let fullDuplexCall = MethodDescriptor(
        service: service, method: "FullDuplexCall", type: .bidirectional)
    package static let unimplementedCall = MethodDescriptor(service: service, method: "UnimplementedCall")
}

/// What a server of `grpc.testing.TestService` does.
package protocol TestService {
    /// Nothing for nothing.
    func emptyCall(_ request: Empty, _ context: ServerContext) async throws(RPCError) -> Empty

    /// One request, and one response as large as the request asks for.
    func unaryCall(_ request: SimpleRequest, _ context: ServerContext) async throws(RPCError) -> SimpleResponse

    /// One request, and a response for each of its parameters.
    func streamingOutputCall(
        _ request: StreamingOutputCallRequest, _ context: ServerContext,
        _ replies: MessageWriter<StreamingOutputCallResponse>
    ) async throws(RPCError)

    /// Any number of requests, and the sum of their sizes.
    func streamingInputCall(
        _ requests: MessageReader<StreamingInputCallRequest>, _ context: ServerContext
    ) async throws(RPCError) -> StreamingInputCallResponse

    /// Any number of requests, each answered at once as StreamingOutputCall answers it.
    func fullDuplexCall(
        _ requests: MessageReader<StreamingOutputCallRequest>, _ context: ServerContext,
        _ replies: MessageWriter<StreamingOutputCallResponse>
    ) async throws(RPCError)

    /// No server has it.
    func unimplementedCall(_ request: Empty, _ context: ServerContext) async throws(RPCError) -> Empty
}

extension RPCRouter {
    /// Serves `grpc.testing.TestService`; `isApplication` is false for what probes call all the time.
    package mutating func add(_ service: some TestService, isApplication: Bool = true) {
        unary(TestMethods.emptyCall, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: Empty = try decodeRequest(bytes, of: TestMethods.emptyCall)
            try await service.emptyCall(request, context).append(to: &reply)
        }
        unary(TestMethods.unaryCall, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: SimpleRequest = try decodeRequest(bytes, of: TestMethods.unaryCall)
            try await service.unaryCall(request, context).append(to: &reply)
        }
        serverStreaming(TestMethods.streamingOutputCall, isApplication: isApplication) {
            (
                request: StreamingOutputCallRequest, context: ServerContext,
                replies: MessageWriter<StreamingOutputCallResponse>
            ) async throws(RPCError) in
            try await service.streamingOutputCall(request, context, replies)
        }
        clientStreaming(TestMethods.streamingInputCall, isApplication: isApplication) {
            (requests: MessageReader<StreamingInputCallRequest>, context: ServerContext) async throws(RPCError) in
            try await service.streamingInputCall(requests, context)
        }
        bidirectional(TestMethods.fullDuplexCall, isApplication: isApplication) {
            (
                requests: MessageReader<StreamingOutputCallRequest>, context: ServerContext,
                replies: MessageWriter<StreamingOutputCallResponse>
            ) async throws(RPCError) in
            try await service.fullDuplexCall(requests, context, replies)
        }
        unary(TestMethods.unimplementedCall, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: Empty = try decodeRequest(bytes, of: TestMethods.unimplementedCall)
            try await service.unimplementedCall(request, context).append(to: &reply)
        }
    }
}

/// Calls `grpc.testing.TestService` over a channel, on the channel's loop.
package struct TestClient {
    private let channel: Channel

    package init(_ channel: Channel) {
        self.channel = channel
    }

    /// Nothing for nothing.
    package func emptyCall(_ request: Empty, options: CallOptions = CallOptions()) async throws(RPCError) -> Empty {
        try await channel.unary(TestMethods.emptyCall, request, options: options)
    }

    /// One request, and one response as large as the request asks for.
    package func unaryCall(
        _ request: SimpleRequest, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> SimpleResponse {
        try await channel.unary(TestMethods.unaryCall, request, options: options)
    }

    /// One request, and a response for each of its parameters.
    package func streamingOutputCall(
        _ request: StreamingOutputCallRequest, options: CallOptions = CallOptions()
    ) throws(RPCError) -> MessageReader<StreamingOutputCallResponse> {
        try channel.serverStreaming(TestMethods.streamingOutputCall, request, options: options)
    }

    /// Any number of requests, and the sum of their sizes.
    package func streamingInputCall(
        options: CallOptions = CallOptions()
    ) -> ClientStreamingCall<StreamingInputCallRequest, StreamingInputCallResponse> {
        channel.clientStreaming(TestMethods.streamingInputCall, options: options)
    }

    /// Any number of requests, each answered at once as StreamingOutputCall answers it.
    package func fullDuplexCall(
        options: CallOptions = CallOptions()
    ) -> BidirectionalCall<StreamingOutputCallRequest, StreamingOutputCallResponse> {
        channel.bidirectional(TestMethods.fullDuplexCall, options: options)
    }

    /// No server has it.
    package func unimplementedCall(
        _ request: Empty, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> Empty {
        try await channel.unary(TestMethods.unimplementedCall, request, options: options)
    }
}

/// `grpc.testing.UnimplementedService`: the names of its methods.
package enum UnimplementedMethods {
    package static let service = "grpc.testing.UnimplementedService"
    package static let unimplementedCall = MethodDescriptor(service: service, method: "UnimplementedCall")
}

/// No server has it.
package protocol UnimplementedService {
    func unimplementedCall(_ request: Empty, _ context: ServerContext) async throws(RPCError) -> Empty
}

extension RPCRouter {
    /// Serves `grpc.testing.UnimplementedService`; `isApplication` is false for what probes call all the time.
    package mutating func add(_ service: some UnimplementedService, isApplication: Bool = true) {
        unary(UnimplementedMethods.unimplementedCall, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: Empty = try decodeRequest(bytes, of: UnimplementedMethods.unimplementedCall)
            try await service.unimplementedCall(request, context).append(to: &reply)
        }
    }
}

/// Calls `grpc.testing.UnimplementedService` over a channel, on the channel's loop.
package struct UnimplementedClient {
    private let channel: Channel

    package init(_ channel: Channel) {
        self.channel = channel
    }

    package func unimplementedCall(
        _ request: Empty, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> Empty {
        try await channel.unary(UnimplementedMethods.unimplementedCall, request, options: options)
    }
}
