package import Addresses
package import LoadBalancing
package import RPCTransport
package import Timing

/// A channel's condition at one moment, for gRPC's own introspection (gRFC A14).
package struct ChannelReport: Sendable {
    package struct Subchannel: Sendable {
        package let number: Int
        package let address: SocketAddress
        package let state: ConnectivityState
        package let created: Instant
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

    package let number: Int
    package let target: String
    package let state: ConnectivityState
    package let created: Instant
    package let calls: CallFigures
    /// Events that there were.
    package let events: Int
    package let subchannels: [Subchannel]
}

extension Channel {
    package var report: ChannelReport {
        ChannelReport(
            number: number, target: target.description, state: state, created: created, calls: calls,
            events: story.told, subchannels: subchannels.map(\.report))
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
    fileprivate var report: ChannelReport.Subchannel {
        // What was picked, has not succeeded and is not under way has failed: a count less for each call.
        ChannelReport.Subchannel(
            number: number, address: address, state: connectivity, created: created, started: picks,
            succeeded: succeeded, failed: picks - inFlight - succeeded, lastStarted: lastPick, events: events,
            sockets: transports.map(\.name))
    }
}
