package import Addresses
package import Events
package import RPCCore
package import Timing

/// What a handler, or an observer, may know about its call. Valid on the call's loop.
package struct ServerContext {
    let call: ServerCall

    package var loop: EventLoop { call.loop }
    package var metadata: Metadata { call.metadata }
    /// When the client gives up; `distantFuture` if it never does.
    package var deadline: Instant { call.deadline }
    package var peer: SocketAddress? { call.peer }
    /// Whatever a client likes to send.
    package var path: [UInt8] { call.path }
    /// nil for a method that the server does not have; a handler has one.
    package var route: Route? { call.route }
}

/// Sends the messages of a streaming answer. Valid on the call's loop, until its handler returns.
package struct ReplyWriter {
    let call: ServerCall

    /// Sends one sealed frame. Waits while more than 64 KiB wait for the client to read; throws CANCELLED once the
    /// call is over, because the client left or the deadline passed.
    package func send(_ frame: [UInt8]) async throws(RPCError) {
        try await call.send(frame)
    }
}

/// Hears of every call, for logs and metrics (gRFC A66). Called on the call's loop.
package protocol ServerObserver: AnyObject {
    /// The head has arrived.
    func callReceived(_ call: ServerContext)
    /// Once for each call received: the answer is on its way, or the call was cut off. The duration counts from the
    /// head.
    func callFinished(_ call: ServerContext, _ summary: CallSummary)
}
