package import RPCCore

/// `pick_first`: one connection, to the first endpoint that takes it; all calls go there (gRFC A62).
///
/// A *pass* tries the endpoints in order, IPv4 and IPv6 in turn. An attempt that fails makes the next begin at once, and
/// one that has not come to an end after 250 ms lets the next begin beside it (Happy Eyeballs: gRFC A61, RFC 8305), so
/// that a black hole at the head of the list costs a quarter of a second and not a connect time-out. A new set begins a
/// new pass, in which attempts to endpoints that are in both sets go on.
///
/// When the connection is lost the channel goes IDLE, and the next call begins a pass. When every endpoint has failed
/// the channel stays in TRANSIENT_FAILURE, while each is tried again after its back-off, until one is READY.
package struct PickFirst: LoadBalancingPolicy {
    /// RFC 8305's Connection Attempt Delay, as gRFC A61 recommends it.
    private static let attemptDelay = Duration.milliseconds(250)

    package static let name = LoadBalancingPolicyName.pickFirst

    private enum Phase: Hashable {
        /// No set yet, or an empty one.
        case empty
        case idle
        /// A pass is under way.
        case trying
        /// Each endpoint has failed in the pass, and is tried again after its back-off.
        case retrying
        case ready(SubchannelID)
    }

    private struct Attempt {
        enum State {
            /// Failed, and its back-off is over.
            case idle
            case underWay
            case backingOff
        }

        let endpoint: Endpoint
        var state = State.underWay
        /// It was READY, for less than what counts.
        var wasLostTooSoon = false

        /// Its back-off must outlive another's success.
        var isResting: Bool {
            if case .backingOff = state { wasLostTooSoon } else { false }
        }
    }

    private var phase = Phase.empty
    private var endpoints: [Endpoint] = []
    /// One for an endpoint, at most.
    private var attempts: [SubchannelID: Attempt] = [:]
    /// How many of the endpoints the pass has come to.
    private var tried = 0
    private var lastError = RPCError(.unavailable, "no attempt has failed yet")
    private var timerRuns = false
    private var nextID = 0

    package init() {}

    // MARK: From the channel

    package mutating func resolved(_ endpoints: [Endpoint]) -> [PolicyCommand] {
        let unique = PickFirst.inOrder(endpoints)
        switch phase {
        case .trying, .retrying:
            // Name servers like to shuffle their answers: no reason to begin anew.
            if Set(unique) == Set(self.endpoints) { return [] }
        case .empty, .idle, .ready:
            break
        }
        self.endpoints = unique
        guard !unique.isEmpty else {
            phase = .empty
            let error = RPCError(.unavailable, "the name resolves to no address: there is no ready server")
            return stopTimer() + remove { _, _ in true } + [.update(.transientFailure, .fail(error))]
        }
        switch phase {
        case .idle:
            return remove { !unique.contains($1.endpoint) }
        case .empty:
            return startPass() + [.update(.connecting, .queue)]
        case .trying, .retrying:
            // Callers go on seeing what they saw: that it connects, or that it fails.
            return stopTimer() + remove { !unique.contains($1.endpoint) } + startPass()
        case .ready(let id):
            let gone = remove { !unique.contains($1.endpoint) }
            // The connection in use stays if its endpoint does.
            if attempts[id] != nil { return gone }
            phase = .idle
            return gone + [.update(.idle, .idle)]
        }
    }

    package mutating func resolverFailed(_ error: RPCError) -> [PolicyCommand] {
        phase == .empty ? [.update(.transientFailure, .fail(error))] : []
    }

    package mutating func exitIdle() -> [PolicyCommand] {
        phase == .idle ? startPass() + [.update(.connecting, .queue)] : []
    }

    package mutating func timerFired() -> [PolicyCommand] {
        timerRuns = false
        return phase == .trying ? tryNext() : []
    }

    // MARK: From subchannels

    package mutating func subchannel(_ id: SubchannelID, changedTo state: SubchannelState) -> [PolicyCommand] {
        guard attempts[id] != nil else { return [] }
        switch state {
        case .connecting:
            return []
        case .ready:
            // A server that closes as soon as it has greeted keeps its subchannel until its back-off is over: made anew
            // it would begin without, and two such servers would be connected to in turns, as fast as it can be done.
            let losers = remove { other, attempt in other != id && !attempt.isResting }
            phase = .ready(id)
            return stopTimer() + losers + [.update(.ready, .only(id))]
        case .idle:
            return becameIdle(id)
        case .transientFailure(let error):
            return failed(id, error)
        }
    }

    private mutating func becameIdle(_ id: SubchannelID) -> [PolicyCommand] {
        switch phase {
        case .ready(id):
            phase = .idle
            // The subchannel stays, for the sake of what it knows of its server.
            attempts[id]?.state = .idle
            return [.resolveAgain, .update(.idle, .idle)]
        case .ready:
            return remove { other, _ in other == id }
        case .trying, .idle, .empty:
            attempts[id]?.state = .idle
            return []
        case .retrying:
            return connect(id)
        }
    }

    private mutating func failed(_ id: SubchannelID, _ error: RPCError) -> [PolicyCommand] {
        attempts[id]?.state = .backingOff
        lastError = error
        switch phase {
        case .trying:
            // Only the latest attempt hurries the next; the timer runs for the others.
            let isLatest = attempts[id]?.endpoint == endpoints[tried - 1]
            return isLatest || tried == endpoints.count ? tryNext() : []
        case .retrying:
            return fail()
        case .ready(id):
            attempts[id]?.wasLostTooSoon = true
            let commands = startPass()
            return phase == .trying ? [.resolveAgain] + commands + [.update(.connecting, .queue)] : commands
        case .empty, .idle, .ready:
            return []
        }
    }

    // MARK: A pass

    private mutating func startPass() -> [PolicyCommand] {
        phase = .trying
        tried = 0
        return tryNext()
    }

    /// Goes on to the first endpoint that is not backing off; ends the pass if nothing is left to wait for.
    private mutating func tryNext() -> [PolicyCommand] {
        while tried < endpoints.count {
            let endpoint = endpoints[tried]
            tried += 1
            let known = attempts.first { $0.value.endpoint == endpoint }
            let begin: [PolicyCommand]
            switch known?.value.state {
            case .backingOff: continue
            case .underWay: begin = []
            case .idle: begin = connect(known?.key)
            case nil: begin = attempt(endpoint)
            }
            guard tried < endpoints.count else { return begin + stopTimer() }
            timerRuns = true
            return begin + [.startTimer(PickFirst.attemptDelay)]
        }
        return stopTimer() + endPass()
    }

    private mutating func endPass() -> [PolicyCommand] {
        var idle: [SubchannelID] = []
        for (id, attempt) in attempts {
            switch attempt.state {
            case .underWay: return []
            case .idle: idle.append(id)
            case .backingOff: break
            }
        }
        phase = .retrying
        return idle.sorted().flatMap { connect($0) } + fail()
    }

    private func fail() -> [PolicyCommand] {
        var error = lastError
        if endpoints.count > 1 {
            let addresses = endpoints.map(\.description).joined(separator: ", ")
            error.message = "no connection to any of \(addresses); last error: \(error.message)"
        }
        return [.resolveAgain, .update(.transientFailure, .fail(error))]
    }

    private mutating func attempt(_ endpoint: Endpoint) -> [PolicyCommand] {
        let id = SubchannelID(nextID)
        nextID += 1
        attempts[id] = Attempt(endpoint: endpoint)
        return [.create(id, endpoint), .connect(id)]
    }

    private mutating func connect(_ id: SubchannelID?) -> [PolicyCommand] {
        guard let id else { return [] }
        attempts[id]?.state = .underWay
        return [.connect(id)]
    }

    private mutating func stopTimer() -> [PolicyCommand] {
        defer { timerRuns = false }
        return timerRuns ? [.stopTimer] : []
    }

    private mutating func remove(where isUnwanted: (SubchannelID, Attempt) -> Bool) -> [PolicyCommand] {
        let unwanted = attempts.filter { isUnwanted($0.key, $0.value) }.keys.sorted()
        for id in unwanted { attempts[id] = nil }
        return unwanted.map(PolicyCommand.remove)
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
