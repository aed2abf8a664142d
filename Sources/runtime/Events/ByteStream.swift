package import Addresses
package import System

/// A connection's bytes, in order, both ways. All members are for the loop's thread, and none blocks.
package protocol ByteStream: AnyObject {
    /// Kept alive until the stream has closed.
    var delegate: (any ByteStreamDelegate)? { get set }
    var peer: SocketAddress? { get }

    /// Takes all of `bytes`: sends what the kernel accepts and keeps the rest. Ignored once closed or finished.
    func write(_ bytes: Span<UInt8>)
    /// Sends a stretch of a file after what is pending. Answers whether all of it has gone; if not, `streamDrained` tells
    /// when it has, and until then nothing else may be written. Ignored once closed or finished.
    func send(_ file: FileSlice) -> Bool
    /// Bytes taken by `write` that the kernel has not accepted yet. A writer that sees them grow stops producing until
    /// `streamDrained`.
    var pendingBytes: Int { get }

    /// Stops and resumes `streamReceived`; TCP then slows the peer down.
    var isReading: Bool { get set }

    /// Sends what is pending and ends the output; then reads and drops what still arrives, until the peer ends or a
    /// second has passed since then, and closes. A peer that takes nothing for ten seconds gets RST, and the stream an
    /// error. Closing at once with unread input would make the kernel send RST, too, and the peer could lose the last
    /// bytes written to it.
    func finish()
    /// Closes now. Pending output is lost.
    func close()
}

/// What happens on a stream. Called on the loop's thread, never from within a call to the stream itself, except that
/// `close()`, and `finish()` once the peer has ended and nothing is pending, deliver `streamClosed` before they return.
package protocol ByteStreamDelegate: AnyObject {
    /// An outgoing connection is established.
    func streamConnected()
    /// The bytes are valid during the call only.
    func streamReceived(_ bytes: Span<UInt8>)
    /// The peer ended its output; ours still works.
    func streamReachedEnd()
    /// All pending output has gone to the kernel.
    func streamDrained()
    /// The last call, exactly once. `error` is nil after `close`, an orderly end, or a `finish` that lost nothing.
    func streamClosed(_ error: SystemError?)
}

extension ByteStreamDelegate {
    package func streamConnected() {}
    package func streamDrained() {}
}
