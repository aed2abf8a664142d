import Bytes
package import RPCCore

/// Answers one unary call: reads `request`, a message without its prefix, and appends the reply's bytes to `reply`.
/// Otherwise as `StreamHandler`.
package typealias UnaryHandler = (
    _ request: [UInt8], _ context: ServerContext, _ reply: inout [UInt8]
) async throws(RPCError) -> Void

/// A method and the handler that serves it. An object, because every call passes it on several times: copying the values
/// would cost a dozen reference counts each time.
package final class Route {
    enum Handler {
        /// The fast path: no stream, and no task before the request is complete.
        case unary(UnaryHandler)
        case stream(StreamHandler)
    }

    package let method: MethodDescriptor
    /// False for what probes call all the time: health.
    package let isApplication: Bool
    let handler: Handler
    /// An interceptor may answer before the request is complete.
    let startsWithHead: Bool

    fileprivate init(
        _ method: MethodDescriptor, isApplication: Bool, startsWithHead: Bool = false, _ handler: Handler
    ) {
        self.method = method
        self.isApplication = isApplication
        self.startsWithHead = startsWithHead
        self.handler = handler
    }

    package convenience init(
        _ method: MethodDescriptor, isApplication: Bool = true, startsWithHead: Bool = false,
        _ handler: @escaping StreamHandler
    ) {
        self.init(method, isApplication: isApplication, startsWithHead: startsWithHead, .stream(handler))
    }

    /// The same behind interceptors, the first of them outermost.
    fileprivate func intercepted(by interceptors: [ServerInterceptor]) -> Route {
        var handler = core
        for interceptor in interceptors.reversed() {
            let next = handler
            handler = { (stream: ServerStream) async throws(RPCError) in try await interceptor(stream, next) }
        }
        return Route(method, isApplication: isApplication, startsWithHead: true, handler)
    }

    private var core: StreamHandler {
        switch handler {
        case .stream(let handler):
            return handler
        case .unary(let handler):
            return { (stream: ServerStream) async throws(RPCError) in
                // nil is not to be expected: a unary call without a message fails before it is handed out.
                guard let request = try await stream.receive() else { return }
                var reply = OutgoingMessage(capacity: 250)
                try await handler(request, stream.context, &reply.buffer)
                try await stream.send(reply)
            }
        }
    }
}

/// Finds the handler for a path. One per loop, so that handlers may hold what belongs to their loop.
package struct RPCRouter {
    private var routes: [[UInt8]: Route] = [:]
    /// Full names.
    package private(set) var services: Set<String> = []

    package init() {}

    /// Serves a unary method.
    package mutating func unary(
        _ method: MethodDescriptor, isApplication: Bool = true, _ handler: @escaping UnaryHandler
    ) {
        add(Route(method, isApplication: isApplication, .unary(handler)))
    }

    /// Serves a method of any type.
    package mutating func stream(
        _ method: MethodDescriptor, isApplication: Bool = true, _ handler: @escaping StreamHandler
    ) {
        add(Route(method, isApplication: isApplication, handler))
    }

    private mutating func add(_ route: Route) {
        services.insert(route.method.service)
        routes[Array(route.method.path.utf8)] = route
    }

    func intercepted(by interceptors: [ServerInterceptor]) -> RPCRouter {
        if interceptors.isEmpty { return self }
        var router = self
        router.routes = routes.mapValues { $0.intercepted(by: interceptors) }
        return router
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
