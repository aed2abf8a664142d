package import Addresses
import HTTP2
package import LoadBalancing
package import RPCTransport
import Timing

/// Something that changes, or may change, who gets a channel's calls: for its tracers, and through them for people.
package struct ChannelEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The first answer of the resolver, or one with another set than the last.
        case addresses(count: Int, added: [SocketAddress], removed: [SocketAddress])
        /// What was known stays in use. `retryIn` is nil when no further look-up is planned.
        case lookupFailed(reason: String, retryIn: Duration?)
        /// A connection is ready for calls.
        case connected(SocketAddress)
        /// `retryIn` is what is left of the back-off.
        case connectFailed(SocketAddress, reason: String, retryIn: Duration)
        /// The server ends a connection that was ready, after so long; calls under way may go on.
        case goAway(SocketAddress, GoAway, age: Duration, retryIn: Duration?)
        /// A connection that was ready is gone, or takes no more calls. `retryIn` is nil without a back-off.
        case connectionLost(SocketAddress, reason: String, age: Duration, retryIn: Duration?)
        /// This side has no more use for a connection that was ready.
        case connectionClosed(SocketAddress, reason: String, age: Duration)
        /// Of the channel. `reason` is what the channel decides by itself for: that there were no calls.
        case state(from: ConnectivityState, to: ConnectivityState, reason: String? = nil)
    }

    package var kind: Kind
    /// The channel's.
    package var target: String
    /// The channel's.
    package var channelNumber = 0
    /// That of the subchannel that it is about; nil if it is about none.
    package var subchannelNumber: Int?
    /// By the wall clock, since 1970.
    package var unixNanoseconds: Int64

    package init(_ kind: Kind, of target: String, unixNanoseconds: Int64) {
        self.kind = kind
        self.target = target
        self.unixNanoseconds = unixNanoseconds
    }

    /// The kind's name, for programs.
    package var name: String {
        switch kind {
        case .addresses: "addresses"
        case .lookupFailed: "lookup-failed"
        case .connected: "connected"
        case .connectFailed: "connect-failed"
        case .goAway: "goaway"
        case .connectionLost: "connection-lost"
        case .connectionClosed: "connection-closed"
        case .state: "state"
        }
    }

    /// The server that it is about; nil if it is about none, or more than one.
    package var address: SocketAddress? {
        switch kind {
        case .addresses, .lookupFailed, .state: nil
        case .connected(let address), .connectFailed(let address, _, _), .goAway(let address, _, _, _),
            .connectionLost(let address, _, _, _), .connectionClosed(let address, _, _):
            address
        }
    }
}

// MARK: Particulars

extension ChannelEvent {
    /// The error code's name, of a GOAWAY.
    package var code: String? {
        if case .goAway(_, let goAway, _, _) = kind { goAway.code.description } else { nil }
    }

    /// Of what went wrong, or came to an end.
    package var reason: String? {
        switch kind {
        case .addresses, .connected: nil
        case .state(_, _, let reason): reason
        case .goAway(_, let goAway, _, _): goAway.reason
        case .lookupFailed(let reason, _), .connectFailed(_, let reason, _), .connectionLost(_, let reason, _, _),
            .connectionClosed(_, let reason, _):
            reason
        }
    }

    /// Of a connection at its end.
    package var age: Duration? {
        switch kind {
        case .addresses, .lookupFailed, .connected, .connectFailed, .state: nil
        case .goAway(_, _, let age, _), .connectionLost(_, _, let age, _), .connectionClosed(_, _, let age): age
        }
    }

    /// When the next attempt may come, or the next look-up.
    package var retryIn: Duration? {
        switch kind {
        case .addresses, .connected, .connectionClosed, .state: nil
        case .lookupFailed(_, let time), .goAway(_, _, _, let time), .connectionLost(_, _, _, let time): time
        case .connectFailed(_, _, let time): time
        }
    }
}

// MARK: Words

extension ChannelEvent {
    /// How many addresses a message names; there may be thousands.
    private static let mostNamed = 10

    /// The event in one sentence, the same wherever people meet it. `name` is what else the server is called: its pod.
    package func message(name: String? = nil) -> String {
        let server = (address?.description ?? "") + (name.map { " (\($0))" } ?? "")
        return switch kind {
        case .addresses(let count, let added, let removed): addresses(count, added, removed)
        case .lookupFailed(let reason, let retryIn):
            "look-up of \(target) failed: \(reason)" + ChannelEvent.next("the next", retryIn)
        case .connected: "connected to \(server)"
        case .connectFailed(_, let reason, let retryIn):
            "cannot connect to \(server): \(reason)" + ChannelEvent.next("the next attempt", retryIn)
        case .goAway(_, let goAway, let age, let retryIn):
            "GOAWAY \(goAway.code) from \(server) after \(ChannelEvent.seconds(age)): \(goAway.explanation)"
                + ChannelEvent.next("the next attempt", retryIn)
        case .connectionLost(_, let reason, let age, let retryIn):
            "connection to \(server) lost after \(ChannelEvent.seconds(age)): \(reason)"
                + ChannelEvent.next("the next attempt", retryIn)
        case .connectionClosed(_, let reason, let age):
            "connection to \(server) closed after \(ChannelEvent.seconds(age)): \(reason)"
        case .state(let from, let to, let reason):
            "the channel is \(to.rawValue), it was \(from.rawValue)" + (reason.map { ": \($0)" } ?? "")
        }
    }

    private func addresses(_ count: Int, _ added: [SocketAddress], _ removed: [SocketAddress]) -> String {
        let number = count == 1 ? "1 address" : "\(count == 0 ? "no" : "\(count)") addresses"
        // The first answer is nothing but new.
        if removed.isEmpty, added.count == count {
            return "\(target) has \(number)" + (count == 0 ? "" : ": \(ChannelEvent.list(added))")
        }
        let changes = [("new", added), ("gone", removed)].filter { !$0.1.isEmpty }
        return "\(target) has \(number) now; "
            + changes.map { "\($0.0): \(ChannelEvent.list($0.1))" }.joined(separator: "; ")
    }

    private static func list(_ addresses: [SocketAddress]) -> String {
        let names = addresses.prefix(mostNamed).map(\.description).joined(separator: ", ")
        return addresses.count <= mostNamed ? names : "\(names) and \(addresses.count - mostNamed) more"
    }

    private static func next(_ what: String, _ time: Duration?) -> String {
        time.map { "; \(what) in \(seconds($0))" } ?? ""
    }

    /// With one decimal: `30.2s`.
    private static func seconds(_ duration: Duration) -> String {
        let tenths = max((duration.nanoseconds + 50_000_000) / 100_000_000, 0)
        return "\(tenths / 10).\(tenths % 10)s"
    }

    /// What is left of an error when it is said whom it is about: no address in front of it.
    static func cause(_ error: String, of address: SocketAddress) -> String {
        for start in ["connection to \(address): ", "connect to \(address): ", "\(address): "] {
            if error.hasPrefix(start) { return String(error.dropFirst(start.count)) }
        }
        return error
    }
}
