import Bytes
package import HTTP

/// Finds the handler of a request by its method and path.
///
/// Paths are compared after decoding their escapes once. A GET route also answers HEAD; the server leaves the body out.
package struct HTTPRouter {
    /// Runs on its connection's loop and must not block. Its task is cancelled when the client disconnects.
    package typealias Handler = (HTTPRequest) async -> HTTPResponse

    package enum Match {
        /// `route` is the path, or the prefix, that was given to `on`.
        case handler(Handler, route: String)
        /// 400 for a path that cannot be decoded, 404 for an unknown one, 405 with Allow for another method of `route`.
        case refusal(HTTPResponse, route: String? = nil)
    }

    private struct Route {
        let method: HTTPMethod
        let handler: Handler
    }

    private var exact: [String: [Route]] = [:]
    /// The longest prefix first.
    private var prefixes: [(prefix: String, routes: [Route])] = []
    /// All that there is, for who has lost the way.
    private var names = ""
    /// Makes the responses to requests that no handler sees.
    private let refuse: (HTTPStatus, String) -> HTTPResponse

    package init(refuse: @escaping (HTTPStatus, String) -> HTTPResponse = { .text($0, $1 + "\n") }) {
        self.refuse = refuse
    }

    /// Adds a route for exactly this path. The first of two routes with the same method and path wins.
    package mutating func on(_ method: HTTPMethod, _ path: String, _ handler: @escaping Handler) {
        exact[path, default: []].append(Route(method: method, handler: handler))
        listNames()
    }

    private mutating func listNames() {
        names = (exact.keys + prefixes.map { "\($0.prefix)…" }).sorted().joined(separator: ", ")
    }

    /// Adds a route for every path that starts with `prefix` and is no exact route; the longest prefix wins.
    /// The handler sees the path as it was sent, `..` included.
    package mutating func on(_ method: HTTPMethod, prefix: String, _ handler: @escaping Handler) {
        let route = Route(method: method, handler: handler)
        if let index = prefixes.firstIndex(where: { $0.prefix == prefix }) {
            prefixes[index].routes.append(route)
        } else {
            prefixes.append((prefix, [route]))
            prefixes.sort { $0.prefix.utf8.count > $1.prefix.utf8.count }
        }
        listNames()
    }

    package func match(_ head: HTTPRequestHead) -> Match {
        guard let path = PercentCoding.decode(head.path) else {
            return .refusal(refuse(.badRequest, "the path is not valid percent-encoded UTF-8"))
        }
        guard let (name, routes) = find(path) else {
            return .refusal(refuse(.notFound, "there is nothing at this path, only at \(names)"))
        }
        let method = head.method
        let route = routes.first { $0.method == method } ?? (method == .head ? routes.first { $0.method == .get } : nil)
        if let route { return .handler(route.handler, route: name) }
        let allowed = routes.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.name] }.joined(separator: ", ")
        var refusal = refuse(.methodNotAllowed, "the method is not allowed here; expected one of: \(allowed)")
        refusal.head.fields.set("Allow", allowed)
        return .refusal(refusal, route: name)
    }

    /// The response to what no handler sees.
    func refusal(_ status: HTTPStatus, _ message: String) -> HTTPResponse { refuse(status, message) }

    private func find(_ path: String) -> (name: String, routes: [Route])? {
        if let routes = exact[path] { return (path, routes) }
        return prefixes.first { path.hasPrefix($0.prefix) }.map { ($0.prefix, $0.routes) }
    }

    /// Answers without a server, for tests.
    package func respond(to request: HTTPRequest) async -> HTTPResponse {
        switch match(request.head) {
        case .handler(let handler, _): await handler(request)
        case .refusal(let response, _): response
        }
    }
}
