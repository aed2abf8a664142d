package import Addresses
package import Events
package import HTTP
import System
import Timing

/// An HTTP/1.1 client with a small pool of idle connections for each address. Loop thread only.
package final class HTTPClient {
    package struct Configuration: Sendable {
        /// `bodyBytes` bounds a response's body.
        package var limits = HTTP1Limits.defaults
        /// Idle connections kept for one address; 0 sends `Connection: close` with every request.
        package var idleConnections = 0
        /// Shorter than servers keep theirs, so that a request seldom meets a connection that is just closing.
        package var idleTime: Duration = .seconds(30)
        package var dialer: any Dialer = PlainSockets()

        package init() {}

        package static let defaults = Configuration()
    }

    let loop: EventLoop
    let configuration: Configuration
    /// The most recently used last.
    private var idle: [SocketAddress: [HTTPClientConnection]] = [:]

    package init(on loop: EventLoop, configuration: Configuration = .defaults) {
        self.loop = loop
        self.configuration = configuration
    }

    /// Sends a request and waits for the whole response, at most `timeout`. Call it from a task on this client's loop.
    ///
    /// If a pooled connection turns out to be closed, GET and HEAD are sent once more on a new one; nothing else is
    /// ever sent twice.
    package func send(
        _ request: HTTPClientRequest, to address: SocketAddress, timeout: Duration
    ) async throws(HTTPClientError) -> HTTPClientResponse {
        loop.preconditionCurrent()
        let deadline = MonotonicClock.now + timeout
        if let pooled = takeIdle(for: address) {
            let outcome = await exchange(request, on: pooled, deadline: deadline, timeout: timeout)
            switch outcome {
            case .success(let response): return response
            case .failure(let error):
                guard case .disconnected = error.problem, !pooled.hasReceived,
                    request.method == .get || request.method == .head
                else { throw error }
            }
        }
        let fresh = HTTPClientConnection(
            to: address, by: configuration.dialer, on: loop, limits: configuration.limits)
        fresh.becameIdle = { [weak self] in self?.keep($0) }
        return try await exchange(request, on: fresh, deadline: deadline, timeout: timeout).get()
    }

    private func exchange(
        _ request: HTTPClientRequest, on connection: HTTPClientConnection, deadline: Instant, timeout: Duration
    ) async -> Result<HTTPClientResponse, HTTPClientError> {
        let keepAlive = configuration.idleConnections > 0
        let number = connection.prepare()
        let bound = LoopBound(connection, on: loop)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                connection.begin(request, keepAlive: keepAlive, deadline: deadline, timeout: timeout) {
                    continuation.resume(returning: $0)
                }
            }
        } onCancel: { [loop] in
            loop.executeHereOrLater { bound.value.cancel(number) }
        }
    }

    // MARK: Pool

    private func takeIdle(for address: SocketAddress) -> HTTPClientConnection? {
        let connection = idle[address]?.popLast()
        if idle[address]?.isEmpty == true { idle[address] = nil }
        connection?.leaveIdle()
        return connection
    }

    private func keep(_ connection: HTTPClientConnection) {
        guard idle[connection.address, default: []].count < configuration.idleConnections else {
            return connection.close()
        }
        idle[connection.address, default: []].append(connection)
        connection.enterIdle(for: configuration.idleTime) { [weak self] in self?.forget($0) }
    }

    private func forget(_ connection: HTTPClientConnection) {
        idle[connection.address]?.removeAll { $0 === connection }
        if idle[connection.address]?.isEmpty == true { idle[connection.address] = nil }
    }

    package var idleConnectionCount: Int { idle.values.reduce(0) { $0 + $1.count } }

    /// Closes the connections that carry no request.
    package func closeIdleConnections() {
        let connections = idle.values.flatMap(\.self)
        idle = [:]
        for connection in connections { connection.close() }
    }
}
