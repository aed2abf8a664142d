package import Addresses
package import Events
package import LoadBalancing
package import RPCCore

/// A resolver whose answers a test writes; it may be started again once it is shut down. Loop thread only.
package final class FakeResolver: Resolver {
    private var report: ((Result<Resolution, RPCError>) -> Acceptance)?
    /// What has been asked for since the start, each with its urgency.
    package private(set) var requests: [Bool] = []
    package private(set) var starts = 0
    package var isStarted: Bool { starts > 0 }
    package private(set) var isShutDown = false
    package private(set) var snapshot = ResolverSnapshot()
    package var lookupFailed: ((RPCError) -> Void)?
    /// Found by itself, a turn after each start.
    private let known: LoopBound<[SocketAddress]>?

    package init() { known = nil }

    package init(_ known: [SocketAddress], on loop: EventLoop) { self.known = LoopBound(known, on: loop) }

    package func start(_ report: @escaping (Result<Resolution, RPCError>) -> Acceptance) {
        self.report = report
        starts += 1
        isShutDown = false
        guard let known else { return }
        let resolver = LoopBound(self, on: known.loop)
        known.loop.execute { resolver.value.find(known.value) }
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
