package import RPCCore

/// A policy that spreads calls over the endpoints that are READY: how it does is all that it has to say.
///
/// The channel is READY if any endpoint is; else CONNECTING while any tries for the first time or after READY; else
/// TRANSIENT_FAILURE (gRFC A48 and A58: as round_robin). Each endpoint is `pick_first`'s affair (A61).
package protocol SpreadingPolicy: LoadBalancingPolicy {
    var endpoints: EndpointSharding { get set }

    /// These can be called from now on, and never none; they may be the same as before. It updates the channel each time,
    /// also when its picker stays: a call that was given an endpoint which could not take it waits for the next update.
    mutating func spread(over members: [EndpointSharding.Member], _ channel: inout ChannelControlHelper)
    /// Nobody can be called; the channel knows.
    mutating func nobodyIsReady(_ channel: inout ChannelControlHelper)
}

extension SpreadingPolicy {
    package mutating func resolved(_ update: Resolution, _ channel: inout ChannelControlHelper) -> Acceptance {
        let answer = endpoints.resolved(update, &channel)
        endpointsChanged(&channel)
        return answer
    }

    package mutating func resolverFailed(_ error: RPCError, _ channel: inout ChannelControlHelper) {
        guard endpoints.isEmpty else { return }
        nobodyIsReady(&channel)
        channel.update(.transientFailure, .fail(error))
    }

    package mutating func subchannel(
        _ id: SubchannelID, changedTo state: SubchannelState, _ channel: inout ChannelControlHelper
    ) {
        if endpoints.subchannel(id, changedTo: state, &channel) { endpointsChanged(&channel) }
    }

    package mutating func subchannel(
        _ id: SubchannelID, healthChangedTo health: SubchannelHealth, _ channel: inout ChannelControlHelper
    ) {
        if endpoints.subchannel(id, healthChangedTo: health, &channel) { endpointsChanged(&channel) }
    }

    package mutating func timerFired(_ timer: TimerID, _ channel: inout ChannelControlHelper) {
        offer(timer, &channel)
    }

    /// For one that has a timer of its own: this one is not it.
    package mutating func offer(_ timer: TimerID, _ channel: inout ChannelControlHelper) {
        if endpoints.timerFired(timer, &channel) { endpointsChanged(&channel) }
    }

    /// It never is.
    package mutating func exitIdle(_ channel: inout ChannelControlHelper) {}

    package mutating func shutdown(_ channel: inout ChannelControlHelper) {
        nobodyIsReady(&channel)
        endpoints.shutdown(&channel)
    }

    package mutating func nobodyIsReady(_ channel: inout ChannelControlHelper) {}

    private mutating func endpointsChanged(_ channel: inout ChannelControlHelper) {
        switch endpoints.condition {
        case .ready(let members):
            spread(over: members, &channel)
        case .connecting:
            nobodyIsReady(&channel)
            channel.update(.connecting, .queue)
        case .failing(let error):
            nobodyIsReady(&channel)
            channel.update(.transientFailure, .fail(error))
        }
    }
}
