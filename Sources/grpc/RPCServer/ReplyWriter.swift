package import RPCCore

/// Sends the messages of a streaming answer. Valid on the call's loop, until its handler returns.
package struct ReplyWriter {
    let call: ServerCall

    /// Sends one sealed frame. Waits while more than 64 KiB wait for the client to read; throws CANCELLED once the
    /// call is over, because the client left or the deadline passed.
    package func send(_ frame: [UInt8]) async throws(RPCError) {
        try await call.send(frame)
    }
}
