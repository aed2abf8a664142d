package import HTTP2
package import RPCCore

/// Hears how one attempt of a call goes. Called on the loop.
package protocol ClientCallDelegate: AnyObject {
    /// A message of the response, in order. Not the moment to ask the call anything, or to cancel it.
    func call(_ call: ClientCall, received message: consuming ReceivedMessage)
    /// So many bytes of DATA have arrived, and each message that they complete has been handed over. A call that
    /// expects any number of messages is sent no more than a window beyond what it has released.
    func call(_ call: ClientCall, receivedData count: Int)
    /// The last call, exactly once. No error: the status was OK, and the messages are as many as was promised.
    func call(_ call: ClientCall, endedWith error: RPCError?, _ fate: CallFate)
}

/// One attempt of a call on one connection: one request message, and one or any number of messages in answer. Loop
/// thread only.
package final class ClientCall: HTTP2StreamHandler {
    package let headers: HeaderBlock
    private var request: [UInt8]
    /// The request's, once the connection has taken it.
    package private(set) var sentMessageBytes = 0
    package var receivedMessageBytes: Int { reader.messageBytes }
    package var initialMetadata: Metadata { reader.initialMetadata }
    package var trailingMetadata: Metadata { reader.trailingMetadata }
    private var reader: ResponseReader
    private let holdsWindow: Bool
    private var transport: ClientTransport?
    private var stream: HTTP2Stream?
    private var delegate: (any ClientCallDelegate)?

    /// `request` is a sealed frame.
    package init(
        headers: HeaderBlock, request: [UInt8], expecting cardinality: ResponseReader.Cardinality,
        maxMessageBytes: Int, delegate: any ClientCallDelegate
    ) {
        self.headers = headers
        self.request = request
        reader = ResponseReader(maxMessageBytes: maxMessageBytes, expecting: cardinality)
        holdsWindow = cardinality == .any
        self.delegate = delegate
    }

    func takeRequest() -> [UInt8] {
        defer { request = [] }
        sentMessageBytes = MessageFraming.messageBytes(inFrameOf: request.count)
        return request
    }

    func started(on transport: ClientTransport, stream: HTTP2Stream) {
        self.transport = transport
        self.stream = stream
        stream.holdsWindow = holdsWindow
        reader.maxHeaderListBytes = transport.maxHeaderListBytes
    }

    /// Tells the server to stop (RST_STREAM CANCEL) and ends the call with `error`.
    package func cancel(_ error: RPCError) {
        guard delegate != nil else { return }
        if let stream { transport?.reset(stream, .cancel) }
        end(error, .processed)
    }

    /// So many bytes of DATA are used up: the server may send as many more.
    package func release(_ count: Int) {
        if let stream { transport?.release(count, of: stream) }
    }

    /// The session did not take the request.
    func notSent(_ error: RPCError) { end(error, .unsent) }

    /// No session would take it: another attempt is of no use.
    func cannotBeSent(_ reason: String) {
        end(RPCError(.internal, "the request cannot be sent: \(reason)"), .processed)
    }

    // MARK: HTTP2StreamHandler

    package func streamReceived(_ fields: borrowing FieldBlock, endStream: Bool) {
        transport?.hasAnswered = true
        fields.forEach { reader.receive(field: $0, value: $1) }
        if !reader.headersEnded(endStream: endStream) { abandon() }
    }

    package func streamReceived(data: Span<UInt8>) {
        guard let delegate else { return }
        let wanted = reader.receive(data: data) { delegate.call(self, received: $0) }
        delegate.call(self, receivedData: data.count)
        if !wanted { abandon() }
    }

    package func streamDataEnded() {}

    package func streamNotSent(_ reason: String) { cannotBeSent(reason) }

    package func streamClosed(_ code: HTTP2ErrorCode) {
        let transport = transport
        defer {
            self.transport = nil
            stream = nil
            transport?.streamClosed()
        }
        guard delegate != nil else { return }
        if let transport, let reason = transport.closeReason {
            // The connection took the call with it, or the server will not look at it for the reason that it gave.
            let isCutOff = transport.isLost && !reader.hasEnded
            let isRefused = code == .refusedStream && !reader.hasHeaders
            if isCutOff || isRefused { return end(RPCError(.unavailable, reason), fate(code)) }
        }
        // nghttp2 reports RST_STREAM with NO_ERROR as it does an orderly end.
        let isReset = code != .noError || stream?.inputEnded == false
        let error = reader.status(isReset ? .reset(code.rawValue, name: code.description) : .ended)
        end(error, error == nil ? .processed : fate(code))
    }

    private func fate(_ code: HTTP2ErrorCode) -> CallFate {
        if reader.hasHeaders { return .processed }
        if stream?.hasLeft == false { return .unsent }
        return code == .refusedStream ? .refused : .processed
    }

    /// The response is bad already: nothing more of it is wanted.
    private func abandon() {
        if let stream { transport?.reset(stream, .cancel) }
        end(reader.status(.ended) ?? RPCError(.internal, "bad response"), .processed)
    }

    private func end(_ error: RPCError?, _ fate: CallFate) {
        if fate == .unsent {
            sentMessageBytes = 0
            transport?.retireIfSpent()
        }
        let delegate = delegate
        self.delegate = nil
        delegate?.call(self, endedWith: error, fate)
    }
}

/// What a server can have made of a call that failed; it decides whether the call may be sent again without harm
/// (gRFC A6, "transparent retries").
package enum CallFate: Hashable, Sendable {
    /// It never left this side: it may be sent again as often as it takes.
    case unsent
    /// The server says that it did not process it (REFUSED_STREAM, or an id above GOAWAY's last): once more.
    case refused
    /// It was processed, or may have been; or no server would get to see it, however often it is sent.
    case processed
}
