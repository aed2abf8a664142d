package import HTTP2
package import RPCCore

/// Hears how one attempt of a call goes. Called on the loop.
package protocol CallAttemptDelegate: AnyObject {
    /// The head of an answer has come, and the answer goes on.
    func attemptReceivedHeaders(_ attempt: CallAttempt)
    /// A message of the response, in order. Not the moment to ask the attempt anything, or to cancel it.
    func attempt(_ attempt: CallAttempt, received message: consuming ReceivedMessage)
    /// So many bytes of DATA have arrived, and each message that they complete has been handed over. A call that
    /// expects any number of messages is sent no more than a window beyond what it has released.
    func attempt(_ attempt: CallAttempt, receivedData count: Int)
    /// What `CallAttempt.awaitDrain` asked for.
    func attemptDrained(_ attempt: CallAttempt)
    /// The last call, exactly once. No error: the status was OK, and the messages are as many as was promised.
    func attempt(_ attempt: CallAttempt, endedWith error: RPCError?, _ fate: CallFate)
}

/// One try of a call on one connection: messages go up, and one or any number of messages come down. Loop thread only.
package final class CallAttempt: HTTP2StreamHandler {
    /// Of the messages that the connection has taken.
    package private(set) var sentMessageBytes = 0
    package var receivedMessageBytes: Int { reader.messageBytes }
    package var initialMetadata: Metadata { reader.initialMetadata }
    /// The answer's head says what that of the answer before on this connection said.
    package private(set) var repeatsHead = false
    package var trailingMetadata: Metadata { reader.trailingMetadata }
    private var reader: ResponseReader
    private let holdsWindow: Bool
    private let encoding: MessageEncoding
    private let maxRequestBytes: Int
    private var transport: ClientTransport?
    private var stream: HTTP2Stream?
    private var requestEnded = false
    private var hasFields = false
    private let tellsHead: Bool
    private var delegate: (any CallAttemptDelegate)?

    /// `encoding` is that of the request's messages, as its head tells the server. `tellsHead` is false for one whose delegate
    /// does not look at the answer's head: `repeatsHead` is about what others have been told.
    package init(
        expecting cardinality: ResponseReader.Cardinality, maxMessageBytes: Int, maxRequestBytes: Int = .max,
        encoding: MessageEncoding = .identity, tellsHead: Bool = true, delegate: any CallAttemptDelegate
    ) {
        self.encoding = encoding
        self.tellsHead = tellsHead
        self.maxRequestBytes = maxRequestBytes
        reader = ResponseReader(maxMessageBytes: maxMessageBytes, expecting: cardinality)
        holdsWindow = cardinality == .any
        self.delegate = delegate
    }

    func started(on transport: ClientTransport, stream: HTTP2Stream) {
        self.transport = transport
        self.stream = stream
        stream.holdsWindow = holdsWindow
        reader.maxHeaderListBytes = transport.maxHeaderListBytes
    }

    // MARK: The request

    /// The message as it is going to be on the wire.
    func frame(_ message: consuming OutgoingMessage) throws(RPCError) -> [UInt8] {
        try message.seal(as: encoding)
        guard message.count <= maxRequestBytes else {
            throw RPCError(
                .resourceExhausted,
                "a message of \(message.count) bytes is over the limit of \(maxRequestBytes) bytes for requests")
        }
        sentMessageBytes += message.count
        return message.buffer
    }

    /// Adds a message to the request.
    package func send(_ message: consuming OutgoingMessage) {
        guard delegate != nil, let stream, !requestEnded else { return }
        do throws(RPCError) {
            transport?.send(try frame(message), on: stream)
        } catch {
            giveUp(error)
        }
    }

    /// There is no more of the request.
    package func endRequest() {
        guard delegate != nil, let stream, !requestEnded else { return }
        requestEnded = true
        transport?.end(stream)
    }

    func requestEndsWithItsHead() { requestEnded = true }

    /// Bytes that wait for the server to let them go.
    package var pendingBytes: Int { stream?.pendingBytes ?? 0 }

    /// The delegate hears, once, when no more than this many bytes wait.
    package func awaitDrain(to bytes: Int) { stream?.drainNotice = bytes }

    // MARK: The end from this side

    /// Tells the server to stop (RST_STREAM CANCEL) and ends the attempt with `error`.
    package func cancel(_ error: RPCError) { stop(error, .processed) }

    /// The same for a request that cannot be sent.
    func giveUp(_ error: RPCError) { stop(error, .hopeless) }

    private func stop(_ error: RPCError, _ fate: CallFate) {
        guard delegate != nil else { return }
        if let stream { transport?.reset(stream, .cancel) }
        end(error, fate)
    }

    /// So many bytes of DATA are used up: the server may send as many more.
    package func release(_ count: Int) {
        if let stream, holdsWindow { transport?.release(count, of: stream) }
    }

    /// The session did not take the request.
    func notSent(_ error: RPCError) { end(error, .unsent) }

    /// No session would take it: another attempt is of no use.
    func cannotBeSent(_ reason: String) {
        end(RPCError(.internal, "the request cannot be sent: \(reason)"), .hopeless)
    }

    // MARK: HTTP2StreamHandler

    package func streamReceived(_ fields: borrowing FieldBlock, endStream: Bool) {
        transport?.hasAnswered = true
        // What nobody was told of counts as news the next time.
        let isTold = tellsHead && delegate != nil
        if isTold, !hasFields, !endStream, let head = transport?.heads.last(like: fields) {
            repeatsHead = true
            reader.receive(head)
        } else {
            fields.forEach { reader.receive(field: $0, value: $1) }
            let goesOn = reader.headersEnded(endStream: endStream)
            // nghttp2 counts what follows an informational head as trailers.
            if !hasFields { transport?.heads.read(fields, as: isTold ? reader.head : nil) }
            if !goesOn { return abandon() }
        }
        hasFields = true
        if endStream {
            answerEnded()
        } else if reader.hasHeaders {
            delegate?.attemptReceivedHeaders(self)
        }
    }

    package func streamReceived(data: Span<UInt8>) {
        guard let delegate else { return }
        let before = reader.messages
        let wanted = reader.receive(data: data) { delegate.attempt(self, received: $0) }
        if reader.messages > before { transport?.messagesReceived(reader.messages - before) }
        delegate.attempt(self, receivedData: data.count)
        if !wanted { abandon() }
    }

    package func streamDataEnded() { answerEnded() }

    /// Servers may answer before they have the whole request, and not all of them say that they do not want the rest
    /// (RFC 9113 section 8.1): the stream would be open for as long as the request goes on.
    private func answerEnded() {
        guard let stream, !stream.endHasLeft else { return }
        transport?.reset(stream, .noError)
        let error = reader.finish(.ended)
        end(error, .processed)
    }

    package func streamDrained() { delegate?.attemptDrained(self) }

    package func streamNotSent(_ reason: String) { cannotBeSent(reason) }

    package func streamClosed(_ code: HTTP2ErrorCode) {
        let transport = transport
        let isWhole = stream?.inputEnded == true
        defer {
            self.transport = nil
            stream = nil
            transport?.streamClosed(isWhole: isWhole)
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
        let error = reader.finish(isReset ? .reset(code.rawValue, name: code.description) : .ended)
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
        end(reader.finish(.ended) ?? RPCError(.internal, "bad response"), .processed)
    }

    private func end(_ error: RPCError?, _ fate: CallFate) {
        if fate == .unsent {
            sentMessageBytes = 0
            transport?.retireIfSpent()
        }
        let delegate = delegate
        self.delegate = nil
        delegate?.attempt(self, endedWith: error, fate)
    }
}
