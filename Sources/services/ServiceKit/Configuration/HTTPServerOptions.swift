import HTTP
package import HTTPTransport
package import Settings
import System

/// The limits of a service's HTTP/1.1 server, each with the answer that a client gets who passes it.
package enum HTTPServerOptions {
    private static let defaults = HTTPServerConfiguration.defaults

    private static let requestLine = Setting(
        "HTTP_REQUEST_LINE_BYTES", .bytes(64...(1 << 20)), default: defaults.limits.startLineBytes,
        help: "Longest request line; a longer one is answered with 414.")
    private static let header = Setting(
        "HTTP_HEADER_BYTES", .bytes(64...(1 << 20)), default: defaults.limits.fieldBytes,
        help: "All fields of a request's header together; more are answered with 431.")
    private static let headerFields = Setting(
        "HTTP_HEADER_FIELDS", .integer(1...10_000), default: defaults.limits.fieldCount,
        help: "Fields in a request's header; more are answered with 431.")
    private static let body = Setting(
        "HTTP_BODY_BYTES", .bytes(0...(1 << 30)), default: defaults.limits.bodyBytes,
        help: "Largest body of a request; a larger one is answered with 413.")
    private static let headerTimeout = Setting(
        "HTTP_HEADER_TIMEOUT", .duration(atLeast: .milliseconds(1)), default: defaults.limits.headerReadTime,
        help: "From a request's first byte to the end of its header; a slower one is answered with 408.")
    private static let bodyTimeout = Setting(
        "HTTP_BODY_TIMEOUT", .duration(atLeast: .milliseconds(1)), default: defaults.limits.bodyReadTime,
        help: "From the end of the header to the end of the body; a slower one is answered with 408.")
    private static let responseTimeout = Setting(
        "HTTP_RESPONSE_TIMEOUT", .duration(atLeast: .milliseconds(1)), default: defaults.limits.responseWriteTime,
        help: "How long a client may leave a response unread before it is cut off; longer for large files.")
    private static let idleTimeout = Setting(
        "HTTP_IDLE_TIMEOUT", .duration(atLeast: .milliseconds(1)), default: defaults.limits.idleTime,
        help: "How long a connection is kept open for the next request; longer than the proxy in front keeps it.")
    private static let requests = Setting(
        "HTTP_REQUESTS_PER_CONNECTION", .integer(1...1_000_000_000), default: defaults.limits.requestsPerConnection,
        help: "Requests on one connection; the last one's response closes it.")
    private static let connections = Setting(
        "MAX_CONNECTIONS", .integerOrAuto(1...10_000_000), default: nil,
        help: "Connections open at once; further ones wait to be accepted. auto: two fifths of the file descriptors"
            + " that the process may have, at most 10000.")

    package static let settings: [any AnySetting] = [
        requestLine, header, headerFields, body, headerTimeout, bodyTimeout, responseTimeout, idleTimeout, requests,
        connections,
    ]

    /// `namesRequests`: see there.
    package static func configuration(
        _ values: SettingValues, namesRequests: Bool = false
    ) -> HTTPServerConfiguration {
        var configuration = defaults
        configuration.namesRequests = namesRequests
        configuration.limits.startLineBytes = values[requestLine]
        configuration.limits.fieldBytes = values[header]
        configuration.limits.fieldCount = values[headerFields]
        configuration.limits.bodyBytes = values[body]
        configuration.limits.headerReadTime = values[headerTimeout]
        configuration.limits.bodyReadTime = values[bodyTimeout]
        configuration.limits.responseWriteTime = values[responseTimeout]
        configuration.limits.idleTime = values[idleTimeout]
        configuration.limits.requestsPerConnection = values[requests]
        configuration.maximumConnections = values[connections] ?? automaticConnections(of: Program.descriptorLimit)
        return configuration
    }

    /// Each connection may need a second descriptor, for a file or for a call to another service; a fifth is left for
    /// all else.
    package static func automaticConnections(of descriptors: Int) -> Int {
        min(max(descriptors / 5 * 2, 1), defaults.maximumConnections)
    }
}
