package import Addresses
package import Events
package import HTTP2
package import System

/// Hears what an `HTTP2Connection` has to say besides what its session tells.
package protocol HTTP2ConnectionDelegate: AnyObject {
    /// An outgoing connection is established; HTTP/2's own preface has not been exchanged yet.
    func connectionEstablished()
    /// All that one read brought has been given to the session: the moment to work on the requests in it.
    func connectionHasRead()
    /// The connection is of no more use, because it is gone or because its session has come to an end; its streams will
    /// be closed next. `reason` is for people; `error` is the system call's that failed, if one did. In the second case the
    /// last bytes have been written, and the connection closes once the peer does, or a second later.
    func connectionLost(_ reason: String, _ error: SystemError?)
    /// The last call, exactly once; all streams have been closed before.
    func connectionClosed()
}

/// Drives an HTTP/2 session over a byte stream: reads into it, and writes what it has to say once a loop turn.
///
/// Reading stops while the kernel does not take the output, so a peer that does not read costs no memory beyond one
/// chunk. Loop thread only.
package final class HTTP2Connection: ByteStreamDelegate, TurnEndHandler {
    /// How much is drained from the session for one write.
    static let outputChunk = 64 * 1024
    /// HTTP/2's name in ALPN (RFC 9113 section 3.2).
    private static let applicationProtocol = "h2"

    package let session: HTTP2Session
    private let context: TransportContext
    private var stream: (any ByteStream)?
    private var delegate: (any HTTP2ConnectionDelegate)?
    private var flushIsDue = false
    private var closeReason: String?
    private var isEnding = false
    private var isLost = false

    package init(_ session: HTTP2Session, context: TransportContext, delegate: any HTTP2ConnectionDelegate) {
        self.session = session
        self.context = context
        self.delegate = delegate
    }

    /// Attaches the stream that this connection is the delegate of.
    package func run(on stream: any ByteStream) {
        self.stream = stream
        setNeedsFlush()
    }

    package var agreement: StreamAgreement { stream?.agreement ?? .none }
    package var localAddress: SocketAddress? { stream?.localAddress }
    package var peer: SocketAddress? { stream?.peer }

    /// Bytes that the kernel has not taken, because the peer does not read.
    package var unreadBytes: Int { stream?.pendingBytes ?? 0 }

    /// Output of the session leaves at the end of this turn.
    package func setNeedsFlush() {
        guard !flushIsDue else { return }
        flushIsDue = true
        context.loop.atTurnEnd(self)
    }

    package func turnEnded() {
        flushIsDue = false
        guard let stream else { return }
        // One that is cut off may hear why although it has not read what came before: if it ever does, it will read this.
        if stream.pendingBytes > 0, !isEnding { return }
        var buffer: [UInt8] = []
        swap(&buffer, &context.outputBuffer)
        defer { swap(&buffer, &context.outputBuffer) }
        do {
            repeat {
                buffer.removeAll(keepingCapacity: true)
                try session.drain(into: &buffer, limit: HTTP2Connection.outputChunk)
                stream.write(buffer.span)
            } while buffer.count >= HTTP2Connection.outputChunk && stream.pendingBytes == 0
        } catch {
            return close(because: error.description)
        }
        if isEnding {
            finish(stream)
        } else if stream.pendingBytes > 0 {
            stream.isReading = false
        } else if !session.isAlive {
            finish(stream)
        }
    }

    /// The last bytes are written: the peer gets to read them before the connection closes. The streams end now.
    private func finish(_ stream: any ByteStream) {
        isEnding = true
        lose(nil)
        stream.finish()
    }

    private func lose(_ error: SystemError?) {
        guard !isLost else { return }
        isLost = true
        let fault = session.fault.map { "the peer broke the rules of HTTP/2: \($0)" }
        closeReason = closeReason ?? error?.description ?? fault ?? "the connection was closed"
        delegate?.connectionLost(closeReason ?? "", error)
        session.invalidate()
    }

    /// Closes when what the session has to say, a GOAWAY for instance, is sent; streams that are open are lost. May be
    /// called by the session's handler.
    package func closeAfterFlush(because reason: String) {
        closeReason = closeReason ?? reason
        isEnding = true
        setNeedsFlush()
    }

    /// Closes now; streams that are open are lost.
    package func close(because reason: String) {
        closeReason = closeReason ?? reason
        if let stream { stream.close() } else { streamClosed(nil) }
    }

    // MARK: ByteStreamDelegate

    package func streamConnected() {
        if agreement.isEncrypted, agreement.applicationProtocol != HTTP2Connection.applicationProtocol {
            let spoken = agreement.applicationProtocol.map { "\"\($0)\"" } ?? "nothing"
            return close(because: "the server did not agree to speak HTTP/2 (ALPN h2, but \(spoken))")
        }
        delegate?.connectionEstablished()
        setNeedsFlush()
    }

    package func streamReceived(_ bytes: Span<UInt8>) {
        guard !isEnding else { return }
        do {
            try session.receive(bytes)
        } catch {
            if session.fault == nil { session.goAway(error.code) }
            return closeAfterFlush(because: error.description)
        }
        delegate?.connectionHasRead()
        setNeedsFlush()
    }

    package func streamReachedEnd() {
        close(because: "the peer closed the connection")
    }

    package func streamDrained() {
        stream?.isReading = true
        setNeedsFlush()
    }

    package func streamClosed(_ error: SystemError?) {
        guard let delegate else { return }
        lose(error)
        self.delegate = nil
        stream = nil
        delegate.connectionClosed()
    }
}
