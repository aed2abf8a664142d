import LoadBalancing
import RPCCore

/// What several resolvers find, as one set: the members of a cluster that are named one by one. Loop thread only.
final class MergedResolver: Resolver {
    private let members: [any Resolver]
    private var found: [Result<Resolution, RPCError>?]
    private var report: ((Result<Resolution, RPCError>) -> Acceptance)?
    var lookupFailed: ((RPCError) -> Void)? {
        didSet { for member in members { member.lookupFailed = lookupFailed } }
    }

    init(_ members: [any Resolver]) {
        self.members = members
        found = members.map { _ in nil }
    }

    func start(_ report: @escaping (Result<Resolution, RPCError>) -> Acceptance) {
        self.report = report
        for (index, member) in members.enumerated() {
            member.start { [weak self] result in self?.found(result, by: index) ?? .refused }
        }
    }

    private func found(_ result: Result<Resolution, RPCError>, by index: Int) -> Acceptance {
        switch (result, found[index]) {
        // What it found before is still the best that is known.
        case (.failure, .success?): return .refused
        case (.failure, .failure?), (.failure, nil), (.success, _): found[index] = result
        }
        let endpoints = endpoints
        if !endpoints.isEmpty { return report?(.success(Resolution(endpoints: endpoints))) ?? .refused }
        // As long as one may still find something, nothing is lost.
        guard case .failure = result, found.allSatisfy({ $0 != nil }) else { return .accepted }
        return report?(result) ?? .refused
    }

    private var endpoints: [Endpoint] {
        var endpoints: [Endpoint] = []
        for case .success(let resolution)? in found {
            for endpoint in resolution.endpoints where !endpoints.contains(endpoint) { endpoints.append(endpoint) }
        }
        return endpoints
    }

    func resolveAgain(urgent: Bool) {
        for member in members { member.resolveAgain(urgent: urgent) }
    }

    func shutdown() {
        report = nil
        for member in members { member.shutdown() }
    }

    var snapshot: ResolverSnapshot {
        let snapshots = members.map(\.snapshot)
        return ResolverSnapshot(
            endpoints: endpoints, lastError: snapshots.lazy.compactMap(\.lastError).first,
            lookups: snapshots.reduce(0) { $0 + $1.lookups })
    }
}
