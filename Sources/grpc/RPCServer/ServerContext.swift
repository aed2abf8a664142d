package import Addresses
package import Events
package import RPCCore
package import Timing

/// What a handler, an interceptor or a tracer may know about its call, and what the call's answer is to bring besides
/// messages. Valid on the call's loop.
package struct ServerContext {
    let call: ServerCall

    package var loop: EventLoop { call.loop }
    package var metadata: Metadata { call.metadata }
    /// When the client gives up; `distantFuture` if it never does. Calls that a handler makes should give up then, too:
    /// `CallOptions(deadline: context.deadline)`.
    package var deadline: Instant { call.deadline }
    package var peer: SocketAddress? { call.peer }
    /// Whatever a client likes to send.
    package var path: [UInt8] { call.path }
    /// nil for a method that the server does not have; a handler has one.
    package var route: Route? { call.route }

    /// What leaves with the answer's headers; it is too late for that once they have left.
    package var initialMetadata: Metadata {
        get { call.initialMetadata }
        nonmutating set { call.initialMetadata = newValue }
    }

    /// What leaves with the status.
    package var trailingMetadata: Metadata {
        get { call.trailingMetadata }
        nonmutating set { call.trailingMetadata = newValue }
    }

    /// How the answer's messages are compressed, where that makes them smaller. Another may be set until the headers have
    /// left; one that the client does not understand leaves them as they are.
    package var compression: MessageEncoding {
        get { call.encoding }
        nonmutating set { call.setEncoding(newValue) }
    }

    /// Whether the message that the handler got last had come compressed.
    package var requestWasCompressed: Bool { call.requestWasCompressed }

    /// The connection is being closed gracefully. A long stream had better end: its client finds another server, or this
    /// one over a new connection, and the old one need not be kept.
    package var isDraining: Bool { call.isDraining }

    /// Calls `body` on the loop once the connection is being closed gracefully; at once if it is already. The last one set
    /// counts.
    package func onDraining(_ body: @escaping () -> Void) { call.onDraining(body) }
}
