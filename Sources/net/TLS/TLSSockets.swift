package import Addresses
package import Events
package import System

/// Makes a client's streams with TLS over those that another dialer makes.
package struct TLSDialer: Dialer {
    /// What a peer may take for a handshake.
    package static let timeout = Duration.seconds(10)

    private let credentials: TLSCredentials
    private let serverName: String
    private let below: any Dialer
    private let timeout: Duration
    private let noted: (@Sendable (SocketAddress, TLSReport) -> Void)?

    /// `serverName`: what the server's certificate must be for, a DNS name or an IP address. `noted` hears of each
    /// connection when TLS is established, and of what goes wrong with it, on its loop.
    package init(
        _ credentials: TLSCredentials, serverName: String, over below: any Dialer = PlainSockets(),
        timeout: Duration = TLSDialer.timeout, noted: (@Sendable (SocketAddress, TLSReport) -> Void)? = nil
    ) {
        self.credentials = credentials
        self.serverName = serverName
        self.below = below
        self.timeout = timeout
        self.noted = noted
    }

    package func dial(
        _ address: SocketAddress, on loop: EventLoop, delegate: any ByteStreamDelegate
    ) throws(SystemError) -> any ByteStream {
        let session: TLSSession
        do {
            session = try TLSSession(credentials.context(at: loop.now), serverName: serverName)
        } catch {
            throw error.systemError(with: address, whileShaking: true)
        }
        return try TLSStream(
            session, as: .client, with: address, timeout: timeout, on: loop, delegate: delegate,
            noted: noted.map { noted in { noted(address, $0) } }
        ) { filter throws(SystemError) in
            try below.dial(address, on: loop, delegate: filter)
        }
    }
}

/// Makes a server's streams with TLS over those that another acceptor makes.
package struct TLSAcceptor: StreamAcceptor {
    private let credentials: TLSCredentials
    private let below: any StreamAcceptor
    private let timeout: Duration
    private let failed: @Sendable (TLSFault, SocketAddress?) -> Void

    /// `failed` hears of each client with which TLS was not established, on its loop.
    package init(
        _ credentials: TLSCredentials, over below: any StreamAcceptor = PlainSockets(),
        timeout: Duration = TLSDialer.timeout,
        failed: @escaping @Sendable (TLSFault, SocketAddress?) -> Void = { _, _ in }
    ) {
        self.credentials = credentials
        self.below = below
        self.timeout = timeout
        self.failed = failed
    }

    package func accept(
        _ connection: AcceptedConnection, on loop: EventLoop, delegate: any ByteStreamDelegate
    ) throws(SystemError) -> any ByteStream {
        let session: TLSSession
        do {
            session = try TLSSession(credentials.context(at: loop.now))
        } catch {
            connection.discard()
            failed(error, connection.peer)
            throw error.systemError(with: connection.peer, whileShaking: true)
        }
        let failed = failed
        let peer = connection.peer
        return try TLSStream(
            session, as: .server, with: peer, timeout: timeout, on: loop, delegate: delegate,
            failed: { failed($0, peer) }
        ) { filter throws(SystemError) in
            try below.accept(connection, on: loop, delegate: filter)
        }
    }
}
