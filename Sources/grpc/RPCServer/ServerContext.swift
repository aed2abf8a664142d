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
