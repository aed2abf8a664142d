import Addresses
import LoadBalancing
import RPCCore
import Testing
import Timing

/// 10.0.0.`number`:80.
func address(_ number: UInt32) -> SocketAddress { .ip(.v4(0x0a00_0000 + number), port: 80) }

/// [fd00::`number`]:80.
func address6(_ number: UInt128) -> SocketAddress { .ip(.v6(0xfd00 << 112 + number), port: 80) }

/// One server, at one address or more.
func endpoint(_ number: UInt32, _ others: SocketAddress...) -> Endpoint {
    Endpoint(address(number), alternatives: others)
}

enum Weight: AttributeKey {
    typealias Value = UInt32
}

func timer(_ number: Int) -> TimerID { TimerID(number) }

func id(_ number: Int) -> SubchannelID { SubchannelID(number) }

let refused = RPCError(.unavailable, "connection refused")

/// Happy Eyeballs' timer.
func start(_ number: Int) -> PolicyCommand { .startTimer(timer(number), .milliseconds(250)) }

func stop(_ number: Int) -> PolicyCommand { .stopTimer(timer(number)) }

/// A policy with the channel that it asks: each input answers with what was asked for.
struct Driven {
    private var policy: any LoadBalancingPolicy
    private var channel = ChannelControlHelper()
    /// The answer to the last set.
    private(set) var acceptance: Acceptance?

    init(_ policy: any LoadBalancingPolicy) {
        self.policy = policy
    }

    /// As a channel with another service config does it.
    @discardableResult mutating func change(to new: any LoadBalancingPolicy) -> [PolicyCommand] {
        if var current = policy as? any LoadBalancingPolicy & PolicySwitch {
            current.giveUpSuccessor(&channel)
            policy = current.predecessor
        }
        policy = new.following(policy)
        return channel.takeCommands()
    }

    var hasChanged: Bool { (policy as? any PolicySwitch)?.successor != nil }

    mutating func resolved(_ endpoints: [Endpoint]) -> [PolicyCommand] {
        acceptance = policy.resolved(Resolution(endpoints: endpoints), &channel)
        return channel.takeCommands()
    }

    mutating func resolverFailed(_ error: RPCError) -> [PolicyCommand] {
        policy.resolverFailed(error, &channel)
        return channel.takeCommands()
    }

    mutating func subchannel(_ id: SubchannelID, changedTo state: SubchannelState) -> [PolicyCommand] {
        policy.subchannel(id, changedTo: state, &channel)
        return channel.takeCommands()
    }

    mutating func exitIdle() -> [PolicyCommand] {
        policy.exitIdle(&channel)
        return channel.takeCommands()
    }

    mutating func timerFired(_ timer: TimerID) -> [PolicyCommand] {
        policy.timerFired(timer, &channel)
        return channel.takeCommands()
    }

    mutating func subchannel(_ id: SubchannelID, healthChangedTo health: SubchannelHealth) -> [PolicyCommand] {
        policy.subchannel(id, healthChangedTo: health, &channel)
        return channel.takeCommands()
    }

    /// What it tells people.
    var account: PolicyAccount { policy.account(at: channel.now) }

    /// The clock, which stands still unless it is moved.
    var now: Instant { channel.now }

    mutating func wait(_ duration: Duration) { channel.now = channel.now + duration }

    mutating func pick(_ method: String = "Echo") -> PickResult {
        policy.pick(PickInfo(MethodDescriptor(service: "test.Service", method: method)), at: channel.now)
    }

    mutating func callEnded(
        _ call: TrackedCall, _ status: StatusCode = .ok, wasSent: Bool = true, after duration: Duration = .zero,
        trailers: Metadata = Metadata()
    ) -> [PolicyCommand] {
        policy.callEnded(
            call, CallOutcome(status, wasSent: wasSent, duration: duration, trailers: trailers), &channel)
        return channel.takeCommands()
    }

    mutating func shutdown() -> [PolicyCommand] {
        policy.shutdown(&channel)
        return channel.takeCommands()
    }
}

extension [PolicyCommand] {
    /// The last state and picker in the list.
    var lastUpdate: (state: ConnectivityState, picker: Picker)? {
        for command in reversed() {
            if case .update(let state, let picker) = command { return (state, picker) }
        }
        return nil
    }

    var created: [SubchannelID: SocketAddress] {
        var created: [SubchannelID: SocketAddress] = [:]
        for command in self {
            if case .create(let id, let address) = command { created[id] = address }
        }
        return created
    }

    var removed: [SubchannelID] {
        compactMap { if case .remove(let id) = $0 { id } else { nil } }
    }

    var connected: [SubchannelID] {
        compactMap { if case .connect(let id) = $0 { id } else { nil } }
    }
}

extension Picker {
    /// What `count` picks in a row choose.
    func picks(_ count: Int) -> [PickResult] {
        var picker = self
        return (0..<count).map { _ in picker.pick { .queue } }
    }

    var failure: RPCError? {
        if case .fail(let error) = self { error } else { nil }
    }
}

extension PickResult {
    var subchannel: SubchannelID? {
        if case .subchannel(let id, _) = self { id } else { nil }
    }

    var tracking: TrackedCall? {
        if case .subchannel(_, let tracking) = self { tracking } else { nil }
    }
}
