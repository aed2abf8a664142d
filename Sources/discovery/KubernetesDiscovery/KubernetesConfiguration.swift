import Addresses
package import Events
package import RPCCore

/// Where the API server is and who this pod is to it.
package struct KubernetesConfiguration: Sendable {
    /// A name or an address: most clusters give pods an address, some a name.
    package var host: String
    package var port: UInt16
    package var account: ServiceAccount
    /// How streams to the API server are made; nil: TLS, with the account's certificate authority.
    package var dialer: (any Dialer)?
    /// For a list, and for a watch until its first answer.
    package var requestTimeout = Duration.seconds(10)
    /// The server is asked to end each watch after this time, and up to half as long again, so that the clients do not
    /// come back in step. What is lost of a connection without a word is noticed by then: client-go's five to ten
    /// minutes would be five to ten minutes without the new pods.
    package var watchTime = Duration.seconds(60)
    /// After that, the server has this long to end it.
    package var watchMargin = Duration.seconds(10)
    package var backoff = SliceWatchMachine.backoff

    package init(host: String, port: UInt16, account: ServiceAccount, dialer: (any Dialer)? = nil) {
        self.host = host
        self.port = port
        self.account = account
        self.dialer = dialer
    }

    /// For the Host field.
    var authority: String {
        if case .v6? = IPAddress(host) { "[\(host)]:\(port)" } else { "\(host):\(port)" }
    }
}
