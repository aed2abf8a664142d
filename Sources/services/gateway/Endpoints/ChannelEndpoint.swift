import Addresses
import HTTP
import HTTPTransport
import JSON
import LoadBalancing
import RPCClient
import RPCCore
import ServiceKit
import System
import Timing

/// `GET /go/channel`: what the gRPC channel is doing, live.
struct ChannelEndpoint: Sendable {
    let channels: ChannelDirectory
    let history: ChannelHistory
    let pods: PodDirectory
    /// The load-balancing mode's name; nil if nobody said.
    let mode: String?

    func respond(_ request: HTTPRequest) async throws(QueryProblem) -> HTTPResponse {
        let query = request.head.queryParameters
        try query.check(names: ["events"])
        let events = try query.integer("events", in: 0...ChannelHistory.capacity, or: ChannelHistory.capacity)
        guard let snapshot = await channels.snapshot() else {
            return ErrorResponse.make(RPCError(.unavailable, "there is no channel"))
        }
        let sight = await pods.look(snapshot)
        let now = MonotonicClock.now
        return .json(.ok) { writer in
            writer.member("gateway", history.gateway)
            writer.member("target", snapshot.target)
            writer.member("policy", snapshot.policy)
            writer.member("childPolicy", optional: snapshot.childPolicy)
            writer.member("mode", optional: mode)
            writer.member("state", snapshot.state.rawValue)
            writer.member("idleReason", optional: snapshot.idleReason)
            writer.member("idleTimeoutSeconds", seconds: snapshot.idleTimeout)
            writer.member("queued", snapshot.queued)
            writer.key("resolver")
            write(snapshot.resolver, at: now, to: &writer)
            writer.key("serviceConfig")
            snapshot.serviceConfig.write(to: &writer)
            writer.key("subchannels")
            writer.beginArray()
            for subchannel in snapshot.subchannels { write(subchannel, at: now, to: &writer) }
            writer.endArray()
            writer.key("events")
            writer.beginArray()
            for event in history.last(events) { writer.text(event.json) }
            writer.endArray()
            sight.write(at: now, to: &writer)
        }
    }

    private func write(_ resolver: ResolverSnapshot, at now: Instant, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("addresses")
        writer.beginArray()
        for endpoint in resolver.endpoints { writer.string(endpoint.description) }
        writer.endArray()
        writer.member("ttlSeconds", seconds: resolver.timeToLive)
        writer.member("lookups", resolver.lookups)
        writer.member("lastLookupSecondsAgo", seconds: resolver.lastLookup.map { now - $0 })
        writer.member("nextLookupInSeconds", seconds: resolver.nextLookup.map { $0 - now })
        writer.member("lastError", optional: resolver.lastError)
        writer.endObject()
    }

    private func write(_ subchannel: ChannelSnapshot.Subchannel, at now: Instant, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("address", subchannel.address.description)
        writer.member("state", subchannel.state.rawValue)
        writer.member("picks", subchannel.picks)
        writer.member("inFlight", subchannel.inFlight)
        subchannel.writeHealth(to: &writer)
        subchannel.writeAccount(at: now, to: &writer)
        writer.member("lastError", optional: subchannel.lastError?.reason)
        writer.member("lastErrorSecondsAgo", seconds: subchannel.lastError.map { now - $0.time })
        writer.member("lastGoAway", optional: subchannel.lastGoAway?.reason)
        writer.member("lastGoAwaySecondsAgo", seconds: subchannel.lastGoAway.map { now - $0.time })
        writer.endObject()
    }
}

extension JSONWriter {
    mutating func member(_ key: String, optional value: String?) {
        self.key(key)
        if let value { string(value) } else { null() }
    }

    /// With milliseconds; null for none.
    mutating func member(_ key: String, seconds duration: Duration?) {
        self.key(key)
        guard let duration else { return null() }
        double(duration.withMilliseconds)
    }
}
