import Events
import InteropAPI
import ProtobufRPC
import RPCClient
import RPCCore
import Timing

/// gRPC's interop cases (interop-test-descriptions.md), by their names.
enum Cases {
    typealias Case = (Peer) async throws(CaseError) -> Void

    static var all: [String: Case] {
        [
            "empty_unary": emptyUnary, "large_unary": largeUnary, "client_streaming": clientStreaming,
            "server_streaming": serverStreaming, "ping_pong": pingPong, "empty_stream": emptyStream,
            "custom_metadata": customMetadata, "status_code_and_message": statusCodeAndMessage,
            "special_status_message": specialStatusMessage, "unimplemented_method": unimplementedMethod,
            "unimplemented_service": unimplementedService, "cancel_after_begin": cancelAfterBegin,
            "cancel_after_first_response": cancelAfterFirstResponse,
            "timeout_on_sleeping_server": timeoutOnSleepingServer, "rpc_soak": rpcSoak, "channel_soak": channelSoak,
            "goaway": goaway, "rst_after_header": isReset, "rst_during_data": isReset, "rst_after_data": isReset,
            "ping": largeUnary, "max_streams": maxStreams,
        ].merging(compressed) { $1 }
    }

    private static let soak = 1000

    static func emptyUnary(_ peer: Peer) async throws(CaseError) {
        let answer = try await peer.success { () throws(RPCError) in
            try await peer.client.emptyCall(Empty(), options: peer.options)
        }
        try peer.expect(answer == Empty(), "an Empty with something in it")
    }

    static func largeUnary(_ peer: Peer) async throws(CaseError) { try await peer.large() }

    static func clientStreaming(_ peer: Peer) async throws(CaseError) {
        let answer = try await peer.success { () throws(RPCError) in
            let call = peer.client.streamingInputCall(options: peer.options)
            for size in [27182, 8, 1828, 45904] {
                try await call.send(StreamingInputCallRequest(payload: peer.payload(size)))
            }
            return try await call.finish()
        }
        try peer.expect(answer.aggregatedPayloadSize == 74922, "\(answer.aggregatedPayloadSize) bytes, not 74922")
    }

    static func serverStreaming(_ peer: Peer) async throws(CaseError) {
        let sizes = [31415, 9, 2653, 58979]
        let replies = try await peer.success { () throws(RPCError) in
            let replies = try peer.client.streamingOutputCall(peer.outputRequest(sizes), options: peer.options)
            return try await collect(replies)
        }
        try expect(peer, replies, sizes)
    }

    static func pingPong(_ peer: Peer) async throws(CaseError) {
        let call = peer.client.fullDuplexCall(options: peer.options)
        for (response, request) in [(31415, 27182), (9, 8), (2653, 1828), (58979, 45904)] {
            let reply = try await peer.success { () throws(RPCError) in
                try await call.send(peer.outputRequest([response], payload: request))
                return try await call.replies.next()
            }
            try peer.expect(reply?.payload, size: response)
        }
        call.finishSending()
        let last = try await peer.success { () throws(RPCError) in try await call.replies.next() }
        try peer.expect(last == nil && call.stream.status == .ok, "something after the last reply")
    }

    static func emptyStream(_ peer: Peer) async throws(CaseError) {
        let call = peer.client.fullDuplexCall(options: peer.options)
        call.finishSending()
        let first = try await peer.success { () throws(RPCError) in try await call.replies.next() }
        try peer.expect(first == nil && call.stream.status == .ok, "a reply to nothing")
    }

    static func customMetadata(_ peer: Peer) async throws(CaseError) {
        let initial = "x-grpc-test-echo-initial"
        let trailing = "x-grpc-test-echo-trailing-bin"
        var options = peer.options
        try await peer.success { () throws(RPCError) in
            try options.metadata.append(initial, "test_initial_metadata_value")
            try options.metadata.append(binary: [0xAB, 0xAB, 0xAB], for: trailing)
        }
        let unary = try await peer.success { () throws(RPCError) in
            try await peer.channel.unary(
                TestMethods.unaryCall, request: OutgoingMessage(peer.largeRequest), options: options)
        }
        try await check(peer, unary.initialMetadata, unary.trailingMetadata)

        let call = peer.client.fullDuplexCall(options: options)
        let head = try await peer.success { () throws(RPCError) in
            try await call.send(peer.outputRequest([Peer.largeResponse], payload: Peer.largeRequest))
            call.finishSending()
            let head = try await call.stream.initialMetadata()
            _ = try await collect(call.replies)
            return head
        }
        try await check(peer, head, call.stream.trailingMetadata)

        func check(_ peer: Peer, _ head: Metadata, _ tail: Metadata) async throws(CaseError) {
            try peer.expect(head[initial] == "test_initial_metadata_value", "no \(initial)")
            let values = try await peer.success { () throws(RPCError) in try tail.binaryValues(of: trailing) }
            try peer.expect(values == [[0xAB, 0xAB, 0xAB]], "\(trailing) is \(values)")
        }
    }

    static func statusCodeAndMessage(_ peer: Peer) async throws(CaseError) {
        try await status(peer, "test status message", alsoInStream: true)
    }

    static func specialStatusMessage(_ peer: Peer) async throws(CaseError) {
        try await status(
            peer, "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n", alsoInStream: false)
    }

    private static func status(_ peer: Peer, _ message: String, alsoInStream: Bool) async throws(CaseError) {
        let status = EchoStatus(code: 2, message: message)
        try await peer.failure(.unknown, message) { () throws(RPCError) in
            try await peer.client.unaryCall(SimpleRequest(responseStatus: status), options: peer.options)
        }
        guard alsoInStream else { return }
        let call = peer.client.fullDuplexCall(options: peer.options)
        try await peer.failure(.unknown, message) { () throws(RPCError) in
            try await call.send(StreamingOutputCallRequest(responseStatus: status))
            call.finishSending()
            return try await call.replies.next()
        }
    }

    static func unimplementedMethod(_ peer: Peer) async throws(CaseError) {
        try await peer.failure(.unimplemented) { () throws(RPCError) in
            try await peer.client.unimplementedCall(Empty(), options: peer.options)
        }
    }

    static func unimplementedService(_ peer: Peer) async throws(CaseError) {
        try await peer.failure(.unimplemented) { () throws(RPCError) in
            try await UnimplementedClient(peer.channel).unimplementedCall(Empty(), options: peer.options)
        }
    }

    static func cancelAfterBegin(_ peer: Peer) async throws(CaseError) {
        let call = peer.client.streamingInputCall(options: peer.options)
        call.cancel()
        try await peer.failure(.cancelled) { () throws(RPCError) in try await call.finish() }
    }

    static func cancelAfterFirstResponse(_ peer: Peer) async throws(CaseError) {
        let call = peer.client.fullDuplexCall(options: peer.options)
        let reply = try await peer.success { () throws(RPCError) in
            try await call.send(peer.outputRequest([31415], payload: 27182))
            return try await call.replies.next()
        }
        try peer.expect(reply?.payload, size: 31415)
        call.cancel()
        try await peer.failure(.cancelled) { () throws(RPCError) in try await call.replies.next() }
    }

    static func timeoutOnSleepingServer(_ peer: Peer) async throws(CaseError) {
        let call = peer.client.fullDuplexCall(options: CallOptions(timeout: .milliseconds(1)))
        try await peer.failure(.deadlineExceeded) { () throws(RPCError) in
            try await call.send(peer.outputRequest([], payload: 27182))
            return try await call.replies.next()
        }
    }

    // MARK: Soaks

    static func rpcSoak(_ peer: Peer) async throws(CaseError) {
        for _ in 0..<soak { try await peer.large() }
    }

    static func channelSoak(_ peer: Peer) async throws(CaseError) {
        for _ in 0..<soak {
            let fresh = Peer(peer.address, on: peer.loop)
            defer { fresh.channel.shutdown() }
            try await fresh.large()
        }
    }

    // MARK: Against a server that does what none should (negative-http2-interop-test-descriptions.md)

    static func goaway(_ peer: Peer) async throws(CaseError) {
        try await peer.large()
        try await peer.large()
    }

    static func isReset(_ peer: Peer) async throws(CaseError) {
        try await peer.failure(.internal) { () throws(RPCError) in
            try await peer.client.unaryCall(peer.largeRequest, options: peer.options)
        }
    }

    static func maxStreams(_ peer: Peer) async throws(CaseError) {
        try await peer.large()
        let results = (0..<10).map { _ in Completion<CaseError?>() }
        for result in results {
            let work = LoopBound((peer: peer, result: result), on: peer.loop)
            peer.loop.startTask {
                do throws(CaseError) {
                    try await work.value.peer.large()
                    work.value.result.complete(nil)
                } catch {
                    work.value.result.complete(error)
                }
            }
        }
        for result in results { if let error = await result.wait() { throw error } }
    }

    // MARK: Parts of cases

    static func collect(
        _ replies: MessageReader<StreamingOutputCallResponse>
    ) async throws(RPCError) -> [StreamingOutputCallResponse] {
        var all: [StreamingOutputCallResponse] = []
        while let reply = try await replies.next() { all.append(reply) }
        return all
    }

    static func expect(
        _ peer: Peer, _ replies: [StreamingOutputCallResponse], _ sizes: [Int]
    ) throws(CaseError) {
        try peer.expect(replies.count == sizes.count, "\(replies.count) replies, not \(sizes.count)")
        for (reply, size) in zip(replies, sizes) { try peer.expect(reply.payload, size: size) }
    }
}
