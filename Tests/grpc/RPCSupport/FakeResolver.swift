package import Addresses
package import LoadBalancing
package import RPCCore

/// A resolver whose answers a test writes. Loop thread only.
package final class FakeResolver: Resolver {
    private var report: ((Result<Resolution, RPCError>) -> Acceptance)?
    /// What has been asked for since the start, each with its urgency.
    package private(set) var requests: [Bool] = []
    package private(set) var isStarted = false
    package private(set) var isShutDown = false
    package private(set) var snapshot = ResolverSnapshot()
    package var lookupFailed: ((RPCError) -> Void)?

    package init() {}

    package func start(_ report: @escaping (Result<Resolution, RPCError>) -> Acceptance) {
        self.report = report
        isStarted = true
    }

    package func resolveAgain(urgent: Bool) { requests.append(urgent) }

    package func shutdown() {
        isShutDown = true
        report = nil
    }

    /// nil once it is shut down.
    @discardableResult package func find(_ addresses: [SocketAddress]) -> Acceptance? {
        find(Resolution(endpoints: addresses.map { Endpoint($0) }))
    }

    @discardableResult package func find(_ update: Resolution) -> Acceptance? {
        snapshot.endpoints = update.endpoints
        return report?(.success(update))
    }

    package func fail(_ message: String) {
        snapshot.lastError = message
        _ = report?(.failure(RPCError(.unavailable, message)))
    }
}
