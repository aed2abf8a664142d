package import RPCCore

/// `pick_first`: one connection, to the first endpoint that takes it; all calls go there (gRFC A62).
///
/// When the connection is lost the channel goes IDLE, and the next call connects again. When every endpoint has failed
/// the channel stays in TRANSIENT_FAILURE, while each is tried again after its back-off, until one is READY.
package struct PickFirst: LoadBalancingPolicy {
    package static let name = LoadBalancingPolicyName.pickFirst

    private enum Phase: Hashable {
        /// No set yet, or an empty one.
        case empty
        case idle
        /// The attempt under way is the one for this place in the list.
        case connecting(Int)
        case ready(SubchannelID)
        /// Every endpoint has failed once.
        case failing
    }

    private var phase = Phase.empty
    private var endpoints: [Endpoint] = []
    /// Subchannels of the current attempt, by place in the list.
    private var attempts: [SubchannelID: Endpoint] = [:]
    private var lastError: RPCError?
    private var nextID = 0

    package init() {}

    package mutating func resolved(_ endpoints: [Endpoint]) -> [PolicyCommand] {
        var unique: [Endpoint] = []
        for endpoint in endpoints where !unique.contains(endpoint) { unique.append(endpoint) }
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
            return removeAll() + attempt(0)
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
            let losers = attempts.keys.filter { $0 != id }.sorted().map(PolicyCommand.remove)
            attempts = [id: endpoint]
            lastError = nil
            phase = .ready(id)
            return losers + [.update(.ready, .only(id))]
        case .idle:
            return becameIdle(id)
        case .transientFailure(let error):
            return failed(endpoint, error)
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

    private mutating func failed(_ endpoint: Endpoint, _ error: RPCError) -> [PolicyCommand] {
        lastError = error
        switch phase {
        case .connecting(let place):
            guard endpoints.indices.contains(place), endpoints[place] == endpoint else { return [] }
            guard place + 1 < endpoints.count else {
                phase = .failing
                return [.resolveAgain, .update(.transientFailure, .fail(summary(error)))]
            }
            phase = .connecting(place + 1)
            return attempt(place + 1)
        case .failing:
            // A new set that arrived while failing is gone through from its start as well.
            var commands: [PolicyCommand] = [.resolveAgain, .update(.transientFailure, .fail(summary(error)))]
            if let place = endpoints.firstIndex(of: endpoint), place + 1 < endpoints.count,
                !attempts.values.contains(endpoints[place + 1])
            {
                commands += attempt(place + 1)
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
        phase = .connecting(0)
        return attempt(0) + [.update(.connecting, .queue)]
    }

    private mutating func attempt(_ place: Int) -> [PolicyCommand] {
        let id = SubchannelID(nextID)
        nextID += 1
        attempts[id] = endpoints[place]
        return [.create(id, endpoints[place]), .connect(id)]
    }

    private mutating func removeAll() -> [PolicyCommand] {
        defer { attempts = [:] }
        return attempts.keys.sorted().map(PolicyCommand.remove)
    }
}
