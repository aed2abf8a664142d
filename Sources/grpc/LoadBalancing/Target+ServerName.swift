extension Target {
    /// What requests name as their `:authority`: the endpoint as it stands. A path is none (RFC 3986 section 3.2), and servers
    /// refuse it.
    package var requestAuthority: String { isPath ? "localhost" : endpoint }

    private var isPath: Bool { scheme == "unix" || scheme == "unix-abstract" }

    /// The name or address by which TLS knows the servers of this target: its endpoint's host. nil if it has several, or
    /// none.
    package var serverName: String? {
        guard !isPath, !endpoint.contains(",") else { return nil }
        let host: Substring
        if endpoint.hasPrefix("[") {
            host = endpoint.dropFirst().prefix { $0 != "]" }
        } else if endpoint.count(where: { $0 == ":" }) == 1 {
            host = endpoint.prefix { $0 != ":" }
        } else {
            host = endpoint[...]
        }
        return host.isEmpty ? nil : String(host)
    }
}
