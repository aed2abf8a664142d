import InteropAPI
import Protobuf
import ProtobufRPC
import RPCClient
import RPCCore

/// The cases about compression.
extension Cases {
    private static let serverIsBlind = CaseError.notApplicable(
        "the server does not see whether a request was compressed")

    static var compressed: [String: Case] {
        [
            "client_compressed_unary": clientCompressedUnary, "server_compressed_unary": serverCompressedUnary,
            "client_compressed_streaming": clientCompressedStreaming,
            "server_compressed_streaming": serverCompressedStreaming,
        ]
    }

    private static func options(_ peer: Peer) -> CallOptions {
        var options = peer.options
        options.compression = .gzip
        return options
    }

    /// Whether a server refuses a request that is not compressed, and was to be.
    private static func looksAtFlag<Value>(
        _ peer: Peer, _ call: () async throws(RPCError) -> Value
    ) async throws(CaseError) -> Bool {
        do throws(RPCError) {
            _ = try await call()
            return false
        } catch {
            try peer.expect(error.code == .invalidArgument, "the call failed with \(error)")
            return true
        }
    }

    static func clientCompressedUnary(_ peer: Peer) async throws(CaseError) {
        var request = peer.largeRequest
        request.expectCompressed = BoolValue(value: true)
        let isSeen = try await looksAtFlag(peer) { () throws(RPCError) in
            try await peer.client.unaryCall(request, options: peer.options)
        }
        try await large(request, options(peer))
        request.expectCompressed = BoolValue(value: false)
        try await large(request, peer.options)
        if !isSeen { throw serverIsBlind }

        func large(_ request: SimpleRequest, _ options: CallOptions) async throws(CaseError) {
            let response = try await peer.success { () throws(RPCError) in
                try await peer.client.unaryCall(request, options: options)
            }
            try peer.expect(response.payload, size: Peer.largeResponse)
        }
    }

    static func serverCompressedUnary(_ peer: Peer) async throws(CaseError) {
        for isCompressed in [true, false] {
            var request = peer.largeRequest
            request.responseCompressed = BoolValue(value: isCompressed)
            let (bytes, stream) = try await peer.success { () throws(RPCError) in
                let stream = try peer.channel.stream(
                    TestMethods.unaryCall, request: OutgoingMessage(request), options: peer.options)
                return (try await stream.receive(), stream)
            }
            try peer.expect(stream.replyWasCompressed == isCompressed, "compressed: \(!isCompressed)")
            let response = bytes.flatMap { try? SimpleResponse(decoding: $0) }
            try peer.expect(response?.payload, size: Peer.largeResponse)
            let more = try await peer.success { () throws(RPCError) in try await stream.receive() }
            try peer.expect(more == nil, "a second answer")
        }
    }

    static func clientCompressedStreaming(_ peer: Peer) async throws(CaseError) {
        func request(_ size: Int, _ isCompressed: Bool) -> OutgoingMessage {
            var message = OutgoingMessage(
                StreamingInputCallRequest(
                    payload: peer.payload(size), expectCompressed: BoolValue(value: isCompressed)))
            message.isCompressed = isCompressed
            return message
        }

        let isSeen = try await looksAtFlag(peer) { () throws(RPCError) in
            let call = peer.client.streamingInputCall(options: peer.options)
            try await call.stream.send(request(27182, true))
            return try await call.finish()
        }
        let answer = try await peer.success { () throws(RPCError) in
            let call = peer.client.streamingInputCall(options: options(peer))
            try await call.stream.send(request(27182, true))
            try await call.stream.send(request(45904, false))
            return try await call.finish()
        }
        try peer.expect(answer.aggregatedPayloadSize == 73086, "\(answer.aggregatedPayloadSize) bytes, not 73086")
        if !isSeen { throw serverIsBlind }
    }

    static func serverCompressedStreaming(_ peer: Peer) async throws(CaseError) {
        var request = peer.outputRequest([31415, 92653])
        request.responseParameters[0].compressed = BoolValue(value: true)
        request.responseParameters[1].compressed = BoolValue(value: false)
        let stream = try await peer.success { () throws(RPCError) in
            try peer.channel.stream(
                TestMethods.streamingOutputCall, request: OutgoingMessage(request), options: peer.options)
        }
        let replies = MessageReader<StreamingOutputCallResponse>(repliesOf: stream)
        for (size, isCompressed) in [(31415, true), (92653, false)] {
            let reply = try await peer.success { () throws(RPCError) in try await replies.next() }
            try peer.expect(stream.replyWasCompressed == isCompressed, "compressed: \(!isCompressed)")
            try peer.expect(reply?.payload, size: size)
        }
        let last = try await peer.success { () throws(RPCError) in try await replies.next() }
        try peer.expect(last == nil, "a reply too many")
    }
}
