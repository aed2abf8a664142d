package import Addresses
package import System

/// A connection's bytes, in order, both ways: a socket, or a filter over another stream. All members are for the loop's
/// thread, and none blocks.
package protocol ByteStream: AnyObject {
    /// Kept alive until the stream has closed.
    var delegate: (any ByteStreamDelegate)? { get set }
    var peer: SocketAddress? { get }
    /// This end's address, which the kernel is asked for; nil once closed, and where there is none.
    var localAddress: SocketAddress? { get }
    /// What both ends have agreed upon. Known once the delegate has heard of a connection, or of bytes.
    var agreement: StreamAgreement { get }

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

    /// Ends the output once what is pending has gone, and reads on: what a relay does when its other side has ended.
    func endWriting()
    /// Sends what is pending and ends the output; then reads and drops what still arrives, until the peer ends or a
    /// second has passed since then, and closes. A peer that takes nothing for ten seconds gets RST, and the stream an
    /// error. Closing at once with unread input would make the kernel send RST, too, and the peer could lose the last
    /// bytes written to it.
    func finish()
    /// Closes now. Pending output is lost.
    func close()
    /// Closes with RST, so that the peer learns at once that the connection is worthless.
    func abort()
}

extension ByteStream {
    package var localAddress: SocketAddress? { nil }

    /// Leaves `bytes` empty, with its memory unless that is large.
    package func write(draining bytes: inout [UInt8]) {
        write(bytes.span)
        bytes.removeAll(keepingCapacity: bytes.capacity <= 64 * 1024)
    }
}

/// What the two ends of a stream have agreed upon before its first byte.
package struct StreamAgreement: Hashable, Sendable {
    /// Whether nobody in between can read what is sent: HTTP calls such a connection's scheme `https`.
    package var isEncrypted: Bool
    /// By ALPN (RFC 7301), such as `h2`; nil if nothing was negotiated.
    package var applicationProtocol: String?
    /// IANA's name for it; nil without encryption.
    package var cipherSuite: String?

    package init(isEncrypted: Bool, applicationProtocol: String?, cipherSuite: String? = nil) {
        self.isEncrypted = isEncrypted
        self.applicationProtocol = applicationProtocol
        self.cipherSuite = cipherSuite
    }

    /// A plain socket's.
    package static let none = StreamAgreement(isEncrypted: false, applicationProtocol: nil)
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
