package import RPCCore

/// One call as its handler sees it, whatever the type of its method: requests come in, replies go out. Valid on the
/// call's loop, until its handler returns.
package struct ServerStream: MessageSource {
    let call: ServerCall

    package var context: ServerContext { ServerContext(call: call) }

    /// The next message, without its prefix; nil once the client has ended the request. Throws CANCELLED once the call is
    /// over, because the client left or the deadline passed. One task at a time.
    ///
    /// What nobody asks for stays with the client, beyond a window of it (`HTTP2Configuration.initialWindow`).
    package func receive() async throws(RPCError) -> [UInt8]? { try await call.receive() }

    /// Sends one message. Waits while more than 4 KiB wait for the client to read; throws CANCELLED once the call is over.
    package func send(_ message: consuming OutgoingMessage) async throws(RPCError) { try await call.send(message) }

    /// Sends the headers at once, and not with the first message: for clients that wait for them.
    package func sendHeaders() { call.sendHeaders() }
}

/// Serves one call of any type: receives and sends until it returns, which ends the call with OK, or throws its status.
///
/// Runs on the call's loop; what it awaits resumes there. Code that blocks stalls every call of the loop: take it to
/// another executor first. A call that is cancelled, or whose deadline has passed, cancels the task that runs this.
package typealias StreamHandler = (ServerStream) async throws(RPCError) -> Void

/// Stands around the handlers of a server: calls `next`, or throws what the client is to see instead. It may look at the
/// context, set metadata, and catch what the handler throws. Starts with the head, before the request's messages are in.
package typealias ServerInterceptor = (
    _ stream: ServerStream, _ next: @escaping StreamHandler
) async throws(RPCError) -> Void
