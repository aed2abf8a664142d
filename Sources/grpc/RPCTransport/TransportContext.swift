package import Events
package import HTTP2

/// What all HTTP/2 connections of one loop share.
package final class TransportContext {
    package let loop: EventLoop
    /// Output is gathered here and written at once, so that no connection needs a buffer of its own.
    var outputBuffer: [UInt8] = []

    /// For the sessions' own needs.
    package let memory = HTTP2Memory()

    package init(on loop: EventLoop) {
        self.loop = loop
        outputBuffer.reserveCapacity(HTTP2Connection.outputChunk + 16 * 1024)
    }
}
