package import LoadBalancing
package import RPCCore
package import Timing

/// A policy that needs to hear of the ends of its calls: each goes to the server with the fewest under way (gRFC A48's
/// least_request, over all servers in place of two at random). With `ejects`, a server whose call fails gets no more
/// (A50's outlier_detection, without the arithmetic).
package struct LeastLoaded: LoadBalancingPolicy {
    package static let name = "least_loaded"

    /// What it was asked and told. Loop thread only.
    package final class Record {
        /// By number of the pick, from 0.
        package private(set) var infos: [PickInfo] = []
        package private(set) var outcomes: [[CallOutcome]] = []

        package init() {}

        package func note(_ info: PickInfo) -> TrackedCall {
            infos.append(info)
            outcomes.append([])
            return TrackedCall(infos.count - 1)
        }

        package func note(_ call: TrackedCall, _ outcome: CallOutcome) {
            if outcomes.indices.contains(call.rawValue) { outcomes[call.rawValue].append(outcome) }
        }

        /// The end of each pick, in the order of the picks; nil if that was not told exactly once.
        package var ends: [CallOutcome]? {
            let ends = outcomes.compactMap { $0.count == 1 ? $0.first : nil }
            return ends.count == outcomes.count ? ends : nil
        }
    }

    private let record: Record
    private let ejects: Bool
    private var endpoints = EndpointSharding()
    private var ready: [SubchannelID] = []
    private var ejected: Set<SubchannelID> = []
    private var loads: [SubchannelID: Int] = [:]
    private var open: [TrackedCall: SubchannelID] = [:]

    package init(_ record: Record = Record(), ejects: Bool = false) {
        self.record = record
        self.ejects = ejects
    }

    package mutating func resolved(_ update: Resolution, _ channel: inout ChannelControlHelper) -> Acceptance {
        let answer = endpoints.resolved(update, &channel)
        tell(&channel)
        return answer
    }

    package mutating func resolverFailed(_ error: RPCError, _ channel: inout ChannelControlHelper) {
        if endpoints.isEmpty { channel.update(.transientFailure, .fail(error)) }
    }

    package mutating func subchannel(
        _ id: SubchannelID, changedTo state: SubchannelState, _ channel: inout ChannelControlHelper
    ) {
        if endpoints.subchannel(id, changedTo: state, &channel) { tell(&channel) }
    }

    package mutating func timerFired(_ timer: TimerID, _ channel: inout ChannelControlHelper) {
        if endpoints.timerFired(timer, &channel) { tell(&channel) }
    }

    package mutating func exitIdle(_ channel: inout ChannelControlHelper) {}

    package mutating func shutdown(_ channel: inout ChannelControlHelper) { endpoints.shutdown(&channel) }

    private mutating func tell(_ channel: inout ChannelControlHelper) {
        switch endpoints.condition {
        case .ready(let members):
            ready = members.map(\.subchannel).filter { !ejected.contains($0) }
            if ready.isEmpty {
                channel.update(.transientFailure, .fail(RPCError(.unavailable, "every server is ejected")))
            } else {
                channel.update(.ready, .policy)
            }
        case .connecting: channel.update(.connecting, .queue)
        case .failing(let error): channel.update(.transientFailure, .fail(error))
        }
    }

    package mutating func pick(_ info: PickInfo, at now: Instant) -> PickResult {
        guard let id = ready.min(by: { loads[$0, default: 0] < loads[$1, default: 0] }) else { return .queue }
        let call = record.note(info)
        loads[id, default: 0] += 1
        open[call] = id
        return .subchannel(id, tracking: call)
    }

    package mutating func callEnded(
        _ call: TrackedCall, _ outcome: CallOutcome, _ channel: inout ChannelControlHelper
    ) {
        record.note(call, outcome)
        guard let id = open.removeValue(forKey: call) else { return }
        loads[id, default: 0] -= 1
        guard ejects, outcome.wasSent, outcome.status != .ok else { return }
        ejected.insert(id)
        tell(&channel)
    }
}
