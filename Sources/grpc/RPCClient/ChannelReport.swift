package import Addresses
package import LoadBalancing
package import RPCTransport
package import Timing

/// A channel's condition at one moment, for gRPC's own introspection (gRFC A14).
package struct ChannelReport: Sendable {
    package struct Subchannel: Hashable, Sendable {
        package let number: Int
        package let address: SocketAddress
    }

    package let number: Int
    package let target: String
    package let state: ConnectivityState
    package let created: Instant
    package let calls: CallFigures
    /// Events that there were.
    package let events: Int
    package let subchannels: [Subchannel]
}

/// The same of a subchannel. Made for one at a time: who looks at a thousand of them asks a thousand times, and each time
/// the others must cost nothing.
package struct SubchannelReport: Sendable {
    package let number: Int
    package let address: SocketAddress
    package let state: ConnectivityState
    package let created: Instant
    /// Attempts of calls.
    package let started: Int
    package let succeeded: Int
    package let failed: Int
    /// `distantFuture` if there was none.
    package let lastStarted: Instant
    /// Events that were about it.
    package let events: Int
    /// Those that end, too, as long as calls are under way on them.
    package let sockets: [SocketName]
}

extension Channel {
    package var report: ChannelReport {
        ChannelReport(
            number: number, target: target.description, state: state, created: created, calls: calls,
            events: story.told,
            subchannels: subchannels.map { ChannelReport.Subchannel(number: $0.number, address: $0.address) })
    }

    /// nil if there is no such subchannel, or no more.
    package func subchannel(_ number: Int) -> SubchannelReport? {
        subchannels.first { $0.number == number }?.report
    }

    /// nil if there is no such connection, or no more.
    package func socket(_ number: Int) -> SocketReport? {
        for subchannel in subchannels {
            if let transport = subchannel.transports.first(where: { $0.number == number }) { return transport.report }
        }
        return nil
    }
}

extension Subchannel {
    fileprivate var report: SubchannelReport {
        // What was picked, has not succeeded and is not under way has failed: a count less for each call.
        SubchannelReport(
            number: number, address: address, state: connectivity, created: created, started: picks,
            succeeded: succeeded, failed: picks - inFlight - succeeded, lastStarted: lastPick, events: events,
            sockets: transports.map(\.name))
    }
}
