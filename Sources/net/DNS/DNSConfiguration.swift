package import Addresses

/// Whom to ask, and how patiently.
package struct DNSConfiguration: Hashable, Sendable {
    /// Asked alone and without a look at /etc/hosts; nil for the servers of the resolver file.
    package var server: SocketAddress?
    /// Of a server's first try; each further one waits twice as long as the one before, and late answers to earlier
    /// tries still count. c-ares 1.18 does not look at `timeout:` and `attempts:` in resolv.conf.
    package var timeout: Duration
    /// With the default time-out, three tries at a dead server take at most 7 s a name.
    package var tries: Int
    /// Where servers, search domains and ndots stand. A port behind a server there is ignored.
    package var resolverFile: String

    package init(
        server: SocketAddress? = nil, timeout: Duration = .seconds(1), tries: Int = 3,
        resolverFile: String = "/etc/resolv.conf"
    ) {
        self.server = server
        self.timeout = timeout
        self.tries = tries
        self.resolverFile = resolverFile
    }
}
