import Addresses
import HTTP
package import HTTPTransport
import System
package import Telemetry

/// Makes a span of each HTTP request whose trace is recorded, by OpenTelemetry's conventions for HTTP.
package struct HTTPServerSpans: Sendable {
    private let collector: SpanCollector

    package init(_ collector: SpanCollector) {
        self.collector = collector
    }

    /// For `HTTPServer`'s `finished`.
    package func requestFinished(_ access: HTTPAccess) {
        guard access.isRequest, let trace = access.trace, trace.context.isSampled, let spans = collector.ofThisLoop
        else { return }
        spans.add(HTTPServerSpans.span(of: access, trace, end: WallClock.nanoseconds))
    }

    static func span(of access: HTTPAccess, _ trace: RequestTrace, end: Int64) -> SpanRecord {
        let method = HTTPServerMetrics.bounded(access.method)
        // A name has few values: `HTTP` where the method is one that a client made up.
        let verb = method == HTTPServerMetrics.otherMethod ? "HTTP" : method
        return SpanRecord(
            access.route.map { "\(verb) \($0)" } ?? verb, .server, trace.context, parentID: trace.parentID,
            hasRemoteParent: trace.parentID != nil, state: trace.state, end: end, duration: access.duration,
            attributes: attributes(of: access, method: method), outcome: outcome(of: access))
    }

    private static func attributes(of access: HTTPAccess, method: String) -> [SpanRecord.Attribute] {
        var attributes: [SpanRecord.Attribute] = []
        attributes.reserveCapacity(14)
        func add(_ key: String, _ value: SpanRecord.Value) { attributes.append(SpanRecord.Attribute(key, value)) }
        add("http.request.method", .text(method))
        if method != access.method { add("http.request.method_original", .cut(access.method)) }
        let parts = access.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        add("url.scheme", .text("http"))
        add("url.path", .cut(String(parts.first ?? "")))
        if parts.count == 2 { add("url.query", .cut(SensitiveQuery.redacted(parts[1]))) }
        if let route = access.route { add("http.route", .text(route)) }
        add("http.response.status_code", .number(Int64(access.status.code)))
        if access.status.code >= 500 { add("error.type", .text("\(access.status.code)")) }
        if let host = access.caller?.host { appendServer(host, to: &attributes) }
        if let agent = access.caller?.userAgent { add("user_agent.original", .cut(agent)) }
        if case .ip(let address, let port) = access.peer {
            add("network.peer.address", .text(address.description))
            add("network.peer.port", .number(Int64(port)))
        }
        return attributes
    }

    /// The field Host: a name or an address, in brackets if it has colons, and perhaps a port.
    private static func appendServer(_ host: String, to attributes: inout [SpanRecord.Attribute]) {
        let port = host.lastIndex(of: ":").flatMap { colon in
            SocketAddress.port(host[host.index(after: colon)...]).map { (colon, $0) }
        }
        var name = port.map { host[..<$0.0] } ?? host[...]
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        attributes.append(SpanRecord.Attribute("server.address", .cut(String(name))))
        if let port { attributes.append(SpanRecord.Attribute("server.port", .number(Int64(port.1)))) }
    }

    /// Only what is the server's own fault is an error of its span.
    private static func outcome(of access: HTTPAccess) -> SpanRecord.Outcome {
        guard access.status.code >= 500 else { return .unset }
        guard let failure = access.failure else { return .error(access.problem ?? "") }
        return .error("\(failure.status): \(failure.cause)")
    }
}
