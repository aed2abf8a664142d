import Bytes
import CNghttp2

/// One stream of a session: its outgoing bytes, and who hears of what comes in.
///
/// Outgoing bytes wait here until the peer's windows let them go. Owned by the session's stream table until closed; a
/// server may then use the object again.
package final class HTTP2Stream {
    /// 0 until a client's request has been submitted.
    package internal(set) var id: Int32 = 0
    /// Nothing can be sent or received any more.
    package internal(set) var isClosed = false
    /// This side has reset it; that may still have to leave.
    package internal(set) var isReset = false
    /// The peer has sent END_STREAM.
    package internal(set) var inputEnded = false
    package var handler: (any HTTP2StreamHandler)?

    /// The request's HEADERS have been handed out by `drain` (clients only): the server may have seen them.
    package internal(set) var hasLeft = false
    /// So has the end of the request (clients only).
    package internal(set) var endHasLeft = false

    /// The handler says how much of what it received it has no more use for, by `HTTP2Session.release`, and the peer sends
    /// no more than a window beyond that. Otherwise what was received counts as used.
    package var holdsWindow = false

    var tableIndex = 0
    /// What was released since nghttp2 was last told.
    var released = 0
    private var output: [UInt8] = []
    private var outputHead = 0
    private var moreOutput = ByteQueue()
    var outputEnded = false
    var trailers: HeaderBlock?
    /// Instead of those.
    var fixedTrailers: FixedHeaders?
    /// nghttp2 was told that there is nothing to send at the moment, and must be told when there is.
    var isDeferred = false

    package init() {}

    /// For another stream, once this one is closed and nobody holds it any more.
    package func reopen() {
        id = 0
        isClosed = false
        isReset = false
        inputEnded = false
        hasLeft = false
        endHasLeft = false
        holdsWindow = false
        released = 0
        outputEnded = false
        trailers = nil
        fixedTrailers = nil
        isDeferred = false
        drainNotice = nil
    }

    /// Nobody is going to read what waits here.
    func discardOutput() {
        if bufferedBytes > 0 {
            output = []
            moreOutput = ByteQueue()
        }
        outputHead = 0
    }

    /// Once set, the handler hears when no more than this many bytes wait, and the wish is forgotten.
    package var drainNotice: Int?

    /// Bytes that wait for the peer's window.
    package var pendingBytes: Int { output.count - outputHead + moreOutput.count }

    /// Bytes that are kept for the peer, those of a piece that has left in part included.
    package var bufferedBytes: Int { output.count + moreOutput.count }

    func receiveFields(of session: HTTP2Session, endStream: Bool) {
        guard let handler else { return }
        if session.fieldsAreTrailers {
            handler.streamReceived(session.trailers, endStream: endStream)
            session.trailers.delivered()
        } else {
            handler.streamReceived(session.heads, endStream: endStream)
            session.heads.delivered()
        }
    }

    /// nil: there are none.
    func withTrailers<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result? {
        if let fixedTrailers { return unsafe fixedTrailers.withFields(body) }
        return unsafe trailers?.withFields(body)
    }

    func enqueue(_ bytes: consuming [UInt8]) {
        if pendingBytes == 0 {
            // The usual case, a single message: it is kept as it came, without a copy.
            output = bytes
            outputHead = 0
        } else {
            moreOutput.append(bytes)
        }
    }

    /// Copies up to `buffer.count` bytes out; returns how many.
    func takeOutput(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var filled = 0
        if outputHead < output.count {
            filled = min(buffer.count, output.count - outputHead)
            unsafe output.withUnsafeBufferPointer {
                unsafe buffer.baseAddress?.update(from: $0.baseAddress.unsafelyUnwrapped + outputHead, count: filled)
            }
            outputHead += filled
            if outputHead == output.count {
                output = []
                outputHead = 0
            }
        }
        filled += unsafe moreOutput.move(into: UnsafeMutableBufferPointer(rebasing: buffer[filled...]))
        if let notice = drainNotice, pendingBytes <= notice {
            drainNotice = nil
            handler?.streamDrained()
        }
        return filled
    }
}

/// Hears what arrives on one stream. Called from within `HTTP2Session.receive`; answers may be submitted at once, and
/// leave when the session is drained.
package protocol HTTP2StreamHandler: AnyObject {
    /// A whole header block. A second one is the trailers.
    func streamReceived(_ fields: borrowing FieldBlock, endStream: Bool)
    func streamReceived(data: Span<UInt8>)
    /// END_STREAM came with a DATA frame.
    func streamDataEnded()
    /// What `HTTP2Stream.drainNotice` asked for. Called from within `HTTP2Session.drain`.
    func streamDrained()
    /// What was to be sent cannot be. The stream is being reset with INTERNAL_ERROR, and `streamClosed` will follow.
    func streamNotSent(_ reason: String)
    /// The last call, exactly once: by both ends, by RST_STREAM from either side, or because the connection is gone.
    func streamClosed(_ code: HTTP2ErrorCode)
}

/// Hears what concerns the session as a whole.
package protocol HTTP2SessionHandler: AnyObject {
    /// A server's new stream, with the handler that hears the rest. nil refuses the stream (RST_STREAM REFUSED_STREAM).
    func sessionOpened() -> HTTP2Stream?
    func sessionReceivedSettings()
    func sessionReceivedGoAway(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: Span<UInt8>)
    func sessionReceivedPingAck(_ payload: UInt64)
    /// The answer is on its way already.
    func sessionReceivedPing()
    /// The peer reset a stream, or made a server reset it for its header fields.
    func sessionReceivedReset()
}

extension HTTP2StreamHandler {
    package func streamDrained() {}
    package func streamNotSent(_ reason: String) {}
}

extension HTTP2SessionHandler {
    package func sessionReceivedPing() {}
    package func sessionReceivedReset() {}
}
