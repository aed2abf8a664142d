package import RPCCore

/// `pick_first`: one connection, to the first endpoint that takes it; all calls go there (gRFC A62).
///
/// Endpoints are tried in order, IPv4 and IPv6 in turn. An attempt that fails makes the next begin at once, and one that
/// has not come to an end after 250 ms lets the next begin beside it (Happy Eyeballs: gRFC A61, RFC 8305), so that a
/// black hole at the head of the list costs a quarter of a second and not a connect time-out.
///
/// When the connection is lost the channel goes IDLE, and the next call connects again. When every endpoint has failed
/// the channel stays in TRANSIENT_FAILURE, while each is tried again after its back-off, until one is READY.
package struct PickFirst: LoadBalancingPolicy {
    /// RFC 8305's Connection Attempt Delay, as gRFC A61 recommends it.
    private static let attemptDelay = Duration.milliseconds(250)

    package static let name = LoadBalancingPolicyName.pickFirst

    private enum Phase: Hashable {
        /// No set yet, or an empty one.
        case empty
        case idle
        /// These many of the endpoints have been tried, or are being tried.
        case connecting(tried: Int)
        case ready(SubchannelID)
        /// Every endpoint has failed once.
        case failing
    }

    private var phase = Phase.empty
    private var endpoints: [Endpoint] = []
    private var attempts: [SubchannelID: Endpoint] = [:]
    /// Those of `attempts` that have failed in this pass.
    private var failures: Set<SubchannelID> = []
    private var timerRuns = false
    private var nextID = 0

    package init() {}

    package mutating func resolved(_ endpoints: [Endpoint]) -> [PolicyCommand] {
        let unique = PickFirst.inOrder(endpoints)
        switch phase {
        case .connecting, .failing:
            // Else every look-up would cut an attempt short and begin the back-off anew; and name servers like to
            // shuffle their answers.
            if Set(unique) == Set(self.endpoints) { return [] }
        case .empty, .idle, .ready:
            break
        }
        self.endpoints = unique
        guard !unique.isEmpty else {
            phase = .empty
            let error = RPCError(.unavailable, "the name resolves to no address: there is no ready server")
            return removeAll() + [.update(.transientFailure, .fail(error))]
        }
        switch phase {
        case .ready(let id):
            // The connection in use stays if its endpoint does.
            if let endpoint = attempts[id], unique.contains(endpoint) { return [] }
            phase = .idle
            return removeAll() + [.update(.idle, .idle)]
        case .idle:
            return []
        case .empty, .connecting:
            return removeAll() + startPass()
        case .failing:
            // Still failing for callers until one is READY, but the new set is tried at once.
            return removeAll() + attempt(unique[0])
        }
    }

    package mutating func resolverFailed(_ error: RPCError) -> [PolicyCommand] {
        phase == .empty ? [.update(.transientFailure, .fail(error))] : []
    }

    package mutating func exitIdle() -> [PolicyCommand] {
        phase == .idle ? startPass() : []
    }

    package mutating func subchannel(_ id: SubchannelID, changedTo state: SubchannelState) -> [PolicyCommand] {
        guard let endpoint = attempts[id] else { return [] }
        switch state {
        case .ready:
            let stop = stopTimer()
            let losers = attempts.keys.filter { $0 != id }.sorted().map(PolicyCommand.remove)
            attempts = [id: endpoint]
            phase = .ready(id)
            return stop + losers + [.update(.ready, .only(id))]
        case .idle:
            return becameIdle(id)
        case .transientFailure(let error):
            return failed(id, endpoint, error)
        case .connecting:
            return []
        }
    }

    private mutating func becameIdle(_ id: SubchannelID) -> [PolicyCommand] {
        switch phase {
        case .ready(let current) where current == id:
            phase = .idle
            return removeAll() + [.resolveAgain, .update(.idle, .idle)]
        case .failing:
            return [.connect(id)]
        case .connecting, .ready, .idle, .empty:
            return []
        }
    }

    package mutating func timerFired() -> [PolicyCommand] {
        timerRuns = false
        switch phase {
        case .connecting(let tried): return tried < endpoints.count ? tryNext(tried) : []
        case .empty, .idle, .ready, .failing: return []
        }
    }

    private mutating func failed(_ id: SubchannelID, _ endpoint: Endpoint, _ error: RPCError) -> [PolicyCommand] {
        switch phase {
        case .connecting(let tried):
            failures.insert(id)
            if tried < endpoints.count {
                // Only the latest attempt hurries the next; the timer runs for the others.
                return endpoint == endpoints[tried - 1] ? tryNext(tried) : []
            }
            guard failures.count == attempts.count else { return [] }
            phase = .failing
            // Those whose back-off was over during the pass have been idle since.
            return attempts.keys.sorted().map(PolicyCommand.connect)
                + [.resolveAgain, .update(.transientFailure, .fail(summary(error)))]
        case .failing:
            // A new set that arrived while failing is gone through from its start as well.
            var commands: [PolicyCommand] = [.resolveAgain, .update(.transientFailure, .fail(summary(error)))]
            if let place = endpoints.firstIndex(of: endpoint), place + 1 < endpoints.count,
                !attempts.values.contains(endpoints[place + 1])
            {
                commands += attempt(endpoints[place + 1])
            }
            return commands
        case .empty, .idle, .ready:
            return []
        }
    }

    private func summary(_ error: RPCError) -> RPCError {
        guard endpoints.count > 1 else { return error }
        let addresses = endpoints.map(\.description).joined(separator: ", ")
        return RPCError(error.code, "no connection to any of \(addresses); last error: \(error.message)")
    }

    private mutating func startPass() -> [PolicyCommand] {
        failures = []
        return tryNext(0) + [.update(.connecting, .queue)]
    }

    private mutating func tryNext(_ place: Int) -> [PolicyCommand] {
        phase = .connecting(tried: place + 1)
        let begin = attempt(endpoints[place])
        guard place + 1 < endpoints.count else { return begin + stopTimer() }
        timerRuns = true
        return begin + [.startTimer(PickFirst.attemptDelay)]
    }

    private mutating func attempt(_ endpoint: Endpoint) -> [PolicyCommand] {
        let id = SubchannelID(nextID)
        nextID += 1
        attempts[id] = endpoint
        return [.create(id, endpoint), .connect(id)]
    }

    private mutating func stopTimer() -> [PolicyCommand] {
        defer { timerRuns = false }
        return timerRuns ? [.stopTimer] : []
    }

    private mutating func removeAll() -> [PolicyCommand] {
        defer { attempts = [:] }
        return stopTimer() + attempts.keys.sorted().map(PolicyCommand.remove)
    }

    /// Without duplicates, and IPv4 and IPv6 in turn, the family of the first one first (RFC 8305 section 4).
    private static func inOrder(_ endpoints: [Endpoint]) -> [Endpoint] {
        var unique: [Endpoint] = []
        for endpoint in endpoints where !unique.contains(endpoint) { unique.append(endpoint) }
        guard let first = unique.first else { return [] }
        let preferred = unique.filter { $0.isIPv6 == first.isIPv6 }
        let other = unique.filter { $0.isIPv6 != first.isIPv6 }
        return (0..<max(preferred.count, other.count)).flatMap { index in
            [preferred, other].flatMap { $0.dropFirst(index).prefix(1) }
        }
    }
}
