package import Events
package import LoadBalancing
package import RPCCore
import Timing

/// Endpoints that the target itself lists: reported once, and never looked for again. Loop thread only.
package final class StaticResolver: Resolver {
    private let loop: EventLoop
    private let endpoints: [Endpoint]
    private var reported: Instant?
    private var report: ((Result<Resolution, RPCError>) -> Acceptance)?

    package init(_ endpoints: [Endpoint], on loop: EventLoop) {
        self.endpoints = endpoints
        self.loop = loop
    }

    package func start(_ report: @escaping (Result<Resolution, RPCError>) -> Acceptance) {
        self.report = report
        let resolver = LoopBound(self, on: loop)
        loop.execute { resolver.value.reportAll() }
    }

    /// If these are refused, there are no others.
    private func reportAll() {
        reported = loop.now
        _ = report?(.success(Resolution(endpoints: endpoints)))
    }

    package func resolveAgain(urgent: Bool) {}

    package func shutdown() { report = nil }

    package var snapshot: ResolverSnapshot { ResolverSnapshot(endpoints: endpoints, lastAnswer: reported) }
}
