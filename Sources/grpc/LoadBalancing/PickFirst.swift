import Addresses
import Bytes
package import RPCCore

/// `pick_first`: one connection, to the first address that takes it; all calls go there (gRFC A62).
///
/// The addresses are those of all endpoints, one endpoint after the other, with IPv4 and IPv6 in turn (gRFC A61). A
/// *pass* tries them in that order. An attempt that fails makes the next begin at once, and one that has not come to an
/// end after 250 ms lets the next begin beside it (Happy Eyeballs: gRFC A61, RFC 8305), so that a black hole at the head
/// of the list costs a quarter of a second and not a connect time-out. A new set begins a new pass, in which attempts to
/// addresses that are in both sets go on.
///
/// When the connection is lost the channel goes IDLE, and the next call begins a pass. When every address has failed
/// the channel stays in TRANSIENT_FAILURE, while each is tried again after its back-off, until one is READY.
///
/// It is also what policies that spread calls have inside, one for each endpoint: see `EndpointSharding`.
package struct PickFirst: LoadBalancingPolicy {
    /// RFC 8305's Connection Attempt Delay, as gRFC A61 recommends it.
    private static let attemptDelay = Duration.milliseconds(250)

    package static let name = LoadBalancingPolicyName.pickFirst.rawValue

    private enum Phase: Hashable {
        /// No set yet, or an empty one.
        case empty
        case idle
        /// A pass is under way.
        case trying
        /// Each address has failed in the pass, and is tried again after its back-off.
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

        let address: SocketAddress
        var state = State.underWay
        /// Of its connection.
        var health = SubchannelHealth.serving
        /// It was READY, for less than what counts.
        var wasLostTooSoon = false

        /// Its back-off must outlive another's success.
        var isResting: Bool {
            if case .backingOff = state { wasLostTooSoon } else { false }
        }
    }

    private var phase = Phase.empty
    private var addresses: [SocketAddress] = []
    /// One for an address, at most.
    private var attempts: [SubchannelID: Attempt] = [:]
    /// How many of the addresses the pass has come to.
    private var tried = 0
    private(set) var lastError = RPCError(.unavailable, "no attempt has failed yet")
    /// The one that runs.
    private var timer: TimerID?
    private let parameters: Parameters
    private let watchesHealth: Bool
    private var generator: SplitMix64

    /// `seed` decides how a list is shuffled. `watchesHealth` is for a parent that has other servers to go to: alone,
    /// `pick_first` would only end up without one.
    package init(_ parameters: Parameters = Parameters(), seed: UInt64 = 0, watchesHealth: Bool = false) {
        self.parameters = parameters
        self.watchesHealth = watchesHealth
        generator = SplitMix64(seed: seed)
    }

    // MARK: From the channel

    package mutating func resolved(_ update: Resolution, _ channel: inout ChannelControlHelper) -> Acceptance {
        var endpoints = update.endpoints
        // Endpoints, and not the addresses of one: those are in the order in which they are to be tried (gRFC A61).
        if parameters.shuffleAddressList { endpoints.shuffle(using: &generator) }
        let addresses = PickFirst.inOrder(endpoints.flatMap(\.addresses))
        guard !addresses.isEmpty else {
            shutdown(&channel)
            channel.update(.transientFailure, .fail(.noAddress))
            return .refused
        }
        use(addresses, &channel)
        return .accepted
    }

    private mutating func use(_ addresses: [SocketAddress], _ channel: inout ChannelControlHelper) {
        switch phase {
        case .trying, .retrying:
            // Name servers like to shuffle their answers: no reason to begin anew.
            if Set(addresses) == Set(self.addresses) { return }
        case .empty, .idle, .ready:
            break
        }
        self.addresses = addresses
        switch phase {
        case .idle:
            remove(&channel) { !addresses.contains($1.address) }
        case .empty:
            startPass(&channel)
            channel.update(.connecting, .queue)
        case .trying, .retrying:
            // Callers go on seeing what they saw: that it connects, or that it fails.
            stopTimer(&channel)
            remove(&channel) { !addresses.contains($1.address) }
            startPass(&channel)
        case .ready(let id):
            remove(&channel) { !addresses.contains($1.address) }
            // The connection in use stays if its address does.
            if attempts[id] != nil { return }
            phase = .idle
            channel.update(.idle, .idle)
        }
    }

    package mutating func resolverFailed(_ error: RPCError, _ channel: inout ChannelControlHelper) {
        if phase == .empty { channel.update(.transientFailure, .fail(error)) }
    }

    package mutating func exitIdle(_ channel: inout ChannelControlHelper) {
        guard phase == .idle else { return }
        startPass(&channel)
        channel.update(.connecting, .queue)
    }

    package mutating func timerFired(_ timer: TimerID, _ channel: inout ChannelControlHelper) {
        guard timer == self.timer else { return }
        self.timer = nil
        if phase == .trying { tryNext(&channel) }
    }

    package mutating func shutdown(_ channel: inout ChannelControlHelper) {
        phase = .empty
        addresses = []
        stopTimer(&channel)
        remove(&channel) { _, _ in true }
    }

    // MARK: From subchannels

    package mutating func subchannel(
        _ id: SubchannelID, changedTo state: SubchannelState, _ channel: inout ChannelControlHelper
    ) {
        guard attempts[id] != nil else { return }
        switch state {
        case .connecting:
            attempts[id]?.health = .serving
        case .ready:
            phase = .ready(id)
            stopTimer(&channel)
            // A server that closes as soon as it has greeted keeps its subchannel until its back-off is over: made anew
            // it would begin without, and two such servers would be connected to in turns, as fast as it can be done.
            remove(&channel) { other, attempt in other != id && !attempt.isResting }
            tellHealth(of: id, &channel)
        case .idle:
            becameIdle(id, &channel)
        case .transientFailure(let error):
            failed(id, error, &channel)
        }
    }

    package mutating func subchannel(
        _ id: SubchannelID, healthChangedTo health: SubchannelHealth, _ channel: inout ChannelControlHelper
    ) {
        guard watchesHealth, let before = attempts[id]?.health, before != health else { return }
        attempts[id]?.health = health
        if phase == .ready(id) { tellHealth(of: id, &channel) }
    }

    private mutating func tellHealth(of id: SubchannelID, _ channel: inout ChannelControlHelper) {
        switch attempts[id]?.health ?? .serving {
        case .serving: channel.update(.ready, .only(id))
        case .connecting: channel.update(.connecting, .queue)
        case .notServing(let error):
            lastError = error
            channel.update(.transientFailure, .fail(error))
        }
    }

    private mutating func becameIdle(_ id: SubchannelID, _ channel: inout ChannelControlHelper) {
        switch phase {
        case .ready(id):
            phase = .idle
            // The subchannel stays, for the sake of what it knows of its server.
            attempts[id]?.state = .idle
            channel.resolveAgain()
            channel.update(.idle, .idle)
        case .ready:
            remove(&channel) { other, _ in other == id }
        case .trying, .idle, .empty:
            attempts[id]?.state = .idle
        case .retrying:
            connect(id, &channel)
        }
    }

    private mutating func failed(_ id: SubchannelID, _ error: RPCError, _ channel: inout ChannelControlHelper) {
        attempts[id]?.state = .backingOff
        lastError = error
        switch phase {
        case .trying:
            // Only the latest attempt hurries the next; the timer runs for the others.
            let isLatest = attempts[id]?.address == addresses[tried - 1]
            if isLatest || tried == addresses.count { tryNext(&channel) }
        case .retrying:
            fail(&channel)
        case .ready(id):
            attempts[id]?.wasLostTooSoon = true
            startPass(&channel)
            guard phase == .trying else { return }
            channel.resolveAgain()
            channel.update(.connecting, .queue)
        case .empty, .idle, .ready:
            return
        }
    }

    // MARK: A pass

    private mutating func startPass(_ channel: inout ChannelControlHelper) {
        phase = .trying
        tried = 0
        tryNext(&channel)
    }

    /// Goes on to the first address that is not backing off; ends the pass if nothing is left to wait for.
    private mutating func tryNext(_ channel: inout ChannelControlHelper) {
        stopTimer(&channel)
        while tried < addresses.count {
            let address = addresses[tried]
            tried += 1
            let known = attempts.first { $0.value.address == address }
            switch known?.value.state {
            case .backingOff: continue
            case .underWay: break
            case .idle: connect(known?.key, &channel)
            case nil: attempt(address, &channel)
            }
            if tried < addresses.count { timer = channel.startTimer(after: PickFirst.attemptDelay) }
            return
        }
        endPass(&channel)
    }

    private mutating func endPass(_ channel: inout ChannelControlHelper) {
        var idle: [SubchannelID] = []
        for (id, attempt) in attempts {
            switch attempt.state {
            case .underWay: return
            case .idle: idle.append(id)
            case .backingOff: break
            }
        }
        phase = .retrying
        for id in idle.sorted() { connect(id, &channel) }
        fail(&channel)
    }

    private func fail(_ channel: inout ChannelControlHelper) {
        channel.resolveAgain()
        channel.update(.transientFailure, .fail(lastError.ofAll(addresses)))
    }

    private mutating func attempt(_ address: SocketAddress, _ channel: inout ChannelControlHelper) {
        let id = channel.createSubchannel(address)
        attempts[id] = Attempt(address: address)
        channel.connect(id)
    }

    private mutating func connect(_ id: SubchannelID?, _ channel: inout ChannelControlHelper) {
        guard let id else { return }
        attempts[id]?.state = .underWay
        channel.connect(id)
    }

    private mutating func stopTimer(_ channel: inout ChannelControlHelper) {
        guard let timer else { return }
        channel.stopTimer(timer)
        self.timer = nil
    }

    private mutating func remove(
        _ channel: inout ChannelControlHelper, where isUnwanted: (SubchannelID, Attempt) -> Bool
    ) {
        for id in attempts.filter({ isUnwanted($0.key, $0.value) }).keys.sorted() {
            attempts[id] = nil
            channel.remove(id)
        }
    }

    /// Without duplicates, and IPv4 and IPv6 in turn, the family of the first one first (RFC 8305 section 4).
    private static func inOrder(_ addresses: [SocketAddress]) -> [SocketAddress] {
        var seen: Set<SocketAddress> = []
        let unique = addresses.filter { seen.insert($0).inserted }
        guard let first = unique.first else { return [] }
        let preferred = unique.filter { $0.isIPv6 == first.isIPv6 }
        let other = unique.filter { $0.isIPv6 != first.isIPv6 }
        return (0..<max(preferred.count, other.count)).flatMap { index in
            [preferred, other].flatMap { $0.dropFirst(index).prefix(1) }
        }
    }
}

extension SocketAddress {
    fileprivate var isIPv6: Bool {
        if case .ip(.v6, _) = self { true } else { false }
    }
}
