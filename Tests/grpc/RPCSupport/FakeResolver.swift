package import Addresses
package import LoadBalancing
package import RPCCore

/// A resolver whose answers a test writes. Loop thread only.
package final class FakeResolver: Resolver {
    private var report: ((Result<Resolution, RPCError>) -> Void)?
    /// What has been asked for since the start, each with its urgency.
    package private(set) var requests: [Bool] = []
    package private(set) var isStarted = false
    package private(set) var isShutDown = false
    package private(set) var snapshot = ResolverSnapshot()

    package init() {}

    package func start(_ report: @escaping (Result<Resolution, RPCError>) -> Void) {
        self.report = report
        isStarted = true
    }

    package func resolveAgain(urgent: Bool) { requests.append(urgent) }

    package func shutdown() {
        isShutDown = true
        report = nil
    }

    package func find(_ addresses: [SocketAddress]) {
        snapshot.endpoints = addresses.map { Endpoint($0) }
        report?(.success(Resolution(endpoints: snapshot.endpoints)))
    }

    package func fail(_ message: String) {
        snapshot.lastError = message
        report?(.failure(RPCError(.unavailable, message)))
    }
}
