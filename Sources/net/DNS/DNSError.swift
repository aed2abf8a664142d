/// A look-up that brought no address.
package struct DNSError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Error, Hashable, Sendable, CustomStringConvertible {
        case nameNotFound
        /// The name exists; it has neither an A nor an AAAA record.
        case noAddresses
        case timedOut
        case connectionRefused
        case serverFailure
        case queryRefused
        case malformedName
        case malformedResponse
        case other(String)

        package var description: String {
            switch self {
            case .nameNotFound: "name not found (NXDOMAIN)"
            case .noAddresses: "the name has no address (NODATA)"
            case .timedOut: "timed out"
            case .connectionRefused: "connection refused by server"
            case .serverFailure: "the server failed (SERVFAIL)"
            case .queryRefused: "the server refuses to answer (REFUSED)"
            case .malformedName: "not a valid name"
            case .malformedResponse: "the server's response is malformed"
            case .other(let text): text
            }
        }
    }

    package let host: String
    /// Whom we asked, such as `10.96.0.10:53`; several are separated by commas.
    package let servers: String
    package let reason: Reason

    package init(host: String, servers: String, reason: Reason) {
        self.host = host
        self.servers = servers
        self.reason = reason
    }

    package var description: String {
        "cannot resolve \"\(host)\" (asked \(servers.isEmpty ? "no server" : servers)): \(reason)"
    }
}
