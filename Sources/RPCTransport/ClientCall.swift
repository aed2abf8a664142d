package import HTTP2
package import RPCCore

/// One attempt of a unary call on one connection. Loop thread only.
package final class ClientCall: HTTP2StreamHandler {
    package let headers: HeaderBlock
    private var request: [UInt8]
    /// The request's, once the connection has taken it.
    package private(set) var sentMessageBytes = 0
    package var receivedMessageBytes: Int { reader.messageBytes }
    private var reader: ResponseReader
    private var message: [UInt8]?
    private var extraMessages = false
    private var transport: ClientTransport?
    private var stream: HTTP2Stream?
    private var ended: ((Result<UnaryResponse, RPCError>, CallFate) -> Void)?

    /// `request` is a sealed frame. `ended` is called once.
    package init(
        headers: HeaderBlock, request: [UInt8], maxMessageBytes: Int,
        ended: @escaping (Result<UnaryResponse, RPCError>, CallFate) -> Void
    ) {
        self.headers = headers
        self.request = request
        reader = ResponseReader(maxMessageBytes: maxMessageBytes)
        self.ended = ended
    }

    func takeRequest() -> [UInt8] {
        defer { request = [] }
        sentMessageBytes = MessageFraming.messageBytes(inFrameOf: request.count)
        return request
    }

    func started(on transport: ClientTransport, stream: HTTP2Stream) {
        self.transport = transport
        self.stream = stream
        reader.maxHeaderListBytes = transport.maxHeaderListBytes
    }

    /// Tells the server to stop (RST_STREAM CANCEL) and ends the call with `error`.
    package func cancel(_ error: RPCError) {
        guard ended != nil else { return }
        if let stream { transport?.reset(stream, .cancel) }
        end(.failure(error), .processed)
    }

    /// The session did not take the request.
    func notSent(_ error: RPCError) { end(.failure(error), .unsent) }

    // MARK: HTTP2StreamHandler

    package func streamReceived(_ fields: borrowing FieldBlock, endStream: Bool) {
        reader.receive(fields.forEach)
        if !reader.headersEnded(endStream: endStream) { abandon() }
    }

    package func streamReceived(data: Span<UInt8>) {
        let wanted = reader.receive(data: data) { message in
            if self.message == nil { self.message = message } else { extraMessages = true }
        }
        if !wanted { abandon() }
    }

    package func streamDataEnded() {}

    package func streamClosed(_ code: HTTP2ErrorCode) {
        let transport = transport
        defer {
            self.transport = nil
            stream = nil
            transport?.streamClosed()
        }
        guard ended != nil else { return }
        if let transport, let reason = transport.closeReason {
            // The connection took the call with it, or the server will not look at it for the reason that it gave.
            let isCutOff = transport.isLost && !reader.hasEnded
            let isRefused = code == .refusedStream && !reader.hasHeaders
            if isCutOff || isRefused { return end(.failure(RPCError(.unavailable, reason)), fate(code)) }
        }
        if let error = reader.status(streamClosedWith: code.rawValue) {
            return end(.failure(error), fate(code))
        }
        guard let message, !extraMessages else {
            let found = extraMessages ? "more than one message" : "no message"
            return end(.failure(RPCError(.unimplemented, "\(found) in the answer to a unary call")), .processed)
        }
        let response = UnaryResponse(
            message: message, initialMetadata: reader.initialMetadata, trailingMetadata: reader.trailingMetadata)
        end(.success(response), .processed)
    }

    private func fate(_ code: HTTP2ErrorCode) -> CallFate {
        if reader.hasHeaders { return .processed }
        if stream?.hasLeft == false { return .unsent }
        return code == .refusedStream ? .refused : .processed
    }

    /// The response is bad already: nothing more of it is wanted.
    private func abandon() {
        if let stream { transport?.reset(stream, .cancel) }
        end(.failure(reader.status(streamClosedWith: 0) ?? RPCError(.internal, "bad response")), .processed)
    }

    private func end(_ result: Result<UnaryResponse, RPCError>, _ fate: CallFate) {
        if fate == .unsent { sentMessageBytes = 0 }
        let callback = ended
        ended = nil
        callback?(result, fate)
    }
}
