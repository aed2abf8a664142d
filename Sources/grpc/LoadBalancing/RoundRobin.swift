import Bytes
package import RPCCore

/// `round_robin`: a connection to every endpoint, and calls over those that are READY, one after the other (gRFC A61).
///
/// The channel is READY if any subchannel is; else CONNECTING while any tries for the first time or after READY; else
/// TRANSIENT_FAILURE. A subchannel that failed counts as failed until it is READY again, so that the channel does not
/// flap between failing and queueing while it retries.
package struct RoundRobin: LoadBalancingPolicy {
    package static let name = LoadBalancingPolicyName.roundRobin

    private struct Member {
        let id: SubchannelID
        let endpoint: Endpoint
        var state = SubchannelState.idle
    }

    private var members: [Member] = []
    private var nextID = 0
    private var generator: SplitMix64

    package init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    package mutating func resolved(_ endpoints: [Endpoint]) -> [PolicyCommand] {
        var commands: [PolicyCommand] = []
        let wanted = Set(endpoints)
        for member in members where !wanted.contains(member.endpoint) { commands.append(.remove(member.id)) }
        var kept: [Endpoint: Member] = [:]
        for member in members { kept[member.endpoint] = member }
        members = []
        for endpoint in endpoints {
            // A second mention of the same endpoint is dropped.
            if members.contains(where: { $0.endpoint == endpoint }) { continue }
            if let member = kept[endpoint] {
                members.append(member)
                continue
            }
            let member = Member(id: SubchannelID(nextID), endpoint: endpoint)
            nextID += 1
            members.append(member)
            commands += [.create(member.id, endpoint), .connect(member.id)]
        }
        return commands + [update()]
    }

    package mutating func resolverFailed(_ error: RPCError) -> [PolicyCommand] {
        members.isEmpty ? [.update(.transientFailure, .fail(error))] : []
    }

    package mutating func subchannel(_ id: SubchannelID, changedTo state: SubchannelState) -> [PolicyCommand] {
        guard let index = members.firstIndex(where: { $0.id == id }) else { return [] }
        let old = members[index].state
        var commands: [PolicyCommand] = []
        switch (old, state) {
        case (.transientFailure, .idle):
            // The back-off is over. It still counts as failed.
            return [.connect(id)]
        case (.transientFailure, .connecting):
            return []
        case (_, .idle):
            // A connection was lost: the set of servers may have changed.
            commands = [.resolveAgain, .connect(id)]
        case (_, .transientFailure):
            commands = [.resolveAgain]
        case (_, .connecting), (_, .ready):
            break
        }
        members[index].state = state
        return commands + [update()]
    }

    package mutating func exitIdle() -> [PolicyCommand] { [] }

    private mutating func update() -> PolicyCommand {
        let ready = members.filter { $0.state == .ready }.map(\.id)
        if let rotation = Rotation(ready, start: Int(truncatingIfNeeded: generator.next())) {
            return .update(.ready, .rotation(rotation))
        }
        var failure = RPCError(.unavailable, "the name resolves to no address: there is no ready server")
        for member in members {
            guard case .transientFailure(let error) = member.state else { return .update(.connecting, .queue) }
            failure = error
        }
        if members.count > 1 {
            let addresses = members.map(\.endpoint.description).joined(separator: ", ")
            failure.message = "no connection to any of \(addresses); last error: \(failure.message)"
        }
        return .update(.transientFailure, .fail(failure))
    }
}
