import Bytes
package import RPCCore

/// Answers one unary call: reads `request`, a message without its prefix, and appends the reply's bytes to `reply`.
///
/// Runs on the call's loop; what it awaits resumes there. Code that blocks stalls every call of the loop: take it to
/// another executor first. A call that is cancelled, or whose deadline has passed, cancels the task that runs this.
package typealias UnaryHandler = (
    _ request: [UInt8], _ context: ServerContext, _ reply: inout [UInt8]
) async throws(RPCError) -> Void

/// Answers one server-streaming call: reads `request`, and sends replies until it returns. Otherwise as `UnaryHandler`.
package typealias StreamingHandler = (
    _ request: [UInt8], _ context: ServerContext, _ replies: ReplyWriter
) async throws(RPCError) -> Void

/// A method and the handler that serves it. An object, because every call passes it on several times: copying the values
/// would cost a dozen reference counts each time.
package final class Route {
    enum Handler {
        case unary(UnaryHandler)
        case serverStreaming(StreamingHandler)
    }

    package let method: MethodDescriptor
    /// False for what probes call all the time: health.
    package let isApplication: Bool
    let handler: Handler

    init(method: MethodDescriptor, isApplication: Bool, handler: Handler) {
        self.method = method
        self.isApplication = isApplication
        self.handler = handler
    }
}

/// Finds the handler for a path. One per loop, so that handlers may hold what belongs to their loop.
package struct RPCRouter {
    private var routes: [[UInt8]: Route] = [:]
    private var services: Set<String> = []

    package init() {}

    package mutating func unary(
        _ method: MethodDescriptor, isApplication: Bool = true, _ handler: @escaping UnaryHandler
    ) {
        add(Route(method: method, isApplication: isApplication, handler: .unary(handler)))
    }

    package mutating func serverStreaming(
        _ method: MethodDescriptor, isApplication: Bool = true, _ handler: @escaping StreamingHandler
    ) {
        add(Route(method: method, isApplication: isApplication, handler: .serverStreaming(handler)))
    }

    private mutating func add(_ route: Route) {
        services.insert(route.method.service)
        routes[Array(route.method.path.utf8)] = route
    }

    func route(_ path: [UInt8]) -> Route? { routes[path] }

    /// Why there is no route: the service is unknown, or only the method.
    func unimplemented(_ path: [UInt8]) -> RPCError {
        let text = String(validating: path.span) ?? "?"
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty else {
            return RPCError(.unimplemented, "malformed method name \"\(text)\", expected /package.Service/Method")
        }
        guard services.contains(String(parts[1])) else {
            return RPCError(.unimplemented, "unknown service \(parts[1])")
        }
        return RPCError(.unimplemented, "unknown method \(parts[2]) for service \(parts[1])")
    }
}
