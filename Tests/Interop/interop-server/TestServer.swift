import Events
import InteropAPI
import ProtobufRPC
import RPCCore
import RPCServer

/// `grpc.testing.TestService`, as interop-test-descriptions.md has it.
struct TestServer: TestService {
    private static let initial = "x-grpc-test-echo-initial"
    private static let trailing = "x-grpc-test-echo-trailing-bin"
    /// Of one payload; more would be no test.
    private static let largestPayload = 4 << 20

    func emptyCall(_ request: Empty, _ context: ServerContext) async throws(RPCError) -> Empty {
        try echoMetadata(context)
        return Empty()
    }

    func unaryCall(_ request: SimpleRequest, _ context: ServerContext) async throws(RPCError) -> SimpleResponse {
        try echoMetadata(context)
        try check(request.expectCompressed, context)
        try echo(request.responseStatus)
        if request.responseCompressed?.value == true { context.compression = .gzip }
        return SimpleResponse(payload: try payload(request.responseSize))
    }

    func streamingOutputCall(
        _ request: StreamingOutputCallRequest, _ context: ServerContext,
        _ replies: MessageWriter<StreamingOutputCallResponse>
    ) async throws(RPCError) {
        try echoMetadata(context)
        if request.responseParameters.contains(where: { $0.compressed?.value == true }) { context.compression = .gzip }
        try await answer(request, context, replies)
    }

    func streamingInputCall(
        _ requests: MessageReader<StreamingInputCallRequest>, _ context: ServerContext
    ) async throws(RPCError) -> StreamingInputCallResponse {
        try echoMetadata(context)
        var size = 0
        while let request = try await requests.next() {
            try check(request.expectCompressed, context)
            size += request.payload?.body.count ?? 0
        }
        return StreamingInputCallResponse(aggregatedPayloadSize: Int32(clamping: size))
    }

    func fullDuplexCall(
        _ requests: MessageReader<StreamingOutputCallRequest>, _ context: ServerContext,
        _ replies: MessageWriter<StreamingOutputCallResponse>
    ) async throws(RPCError) {
        try echoMetadata(context)
        while let request = try await requests.next() { try await answer(request, context, replies) }
    }

    func unimplementedCall(_ request: Empty, _ context: ServerContext) async throws(RPCError) -> Empty {
        throw RPCError(.unimplemented, "no server has this method")
    }

    private func check(_ expected: BoolValue?, _ context: ServerContext) throws(RPCError) {
        guard let expected, expected.value != context.requestWasCompressed else { return }
        throw RPCError(.invalidArgument, "the compressed flag is \(context.requestWasCompressed ? 1 : 0)")
    }

    private func answer(
        _ request: StreamingOutputCallRequest, _ context: ServerContext,
        _ replies: MessageWriter<StreamingOutputCallResponse>
    ) async throws(RPCError) {
        try echo(request.responseStatus)
        for each in request.responseParameters {
            if each.intervalUs > 0 {
                do {
                    try await context.loop.sleep(for: .microseconds(Int64(each.intervalUs)))
                } catch {
                    throw RPCError(.cancelled, "the call is over")
                }
            }
            let response = StreamingOutputCallResponse(payload: try payload(each.size))
            try await replies.send(response, isCompressed: each.compressed?.value == true)
        }
    }

    private func payload(_ size: Int32) throws(RPCError) -> Payload {
        guard (0...TestServer.largestPayload).contains(Int(size)) else {
            throw RPCError(.invalidArgument, "a payload of \(size) bytes is not served")
        }
        return Payload(body: [UInt8](repeating: 0, count: Int(size)))
    }

    private func echo(_ status: EchoStatus?) throws(RPCError) {
        guard let status, status.code != 0 else { return }
        throw RPCError(StatusCode(rawValue: Int(status.code)) ?? .unknown, status.message)
    }

    private func echoMetadata(_ context: ServerContext) throws(RPCError) {
        if let value = context.metadata[TestServer.initial] {
            try context.initialMetadata.append(TestServer.initial, value)
        }
        for value in try context.metadata.binaryValues(of: TestServer.trailing) {
            try context.trailingMetadata.append(binary: value, for: TestServer.trailing)
        }
    }
}
