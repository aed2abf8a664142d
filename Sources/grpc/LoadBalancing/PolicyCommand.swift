package import Addresses
package import Timing

/// Names a subchannel. The channel issues these, so that those of policies within policies are different; never reused
/// within a channel.
package struct SubchannelID: Hashable, Sendable, Comparable {
    package let rawValue: Int

    package init(_ rawValue: Int) { self.rawValue = rawValue }

    package static func < (left: SubchannelID, right: SubchannelID) -> Bool { left.rawValue < right.rawValue }
}

/// Names one run of a timer; issued and used as `SubchannelID`.
package struct TimerID: Hashable, Sendable {
    package let rawValue: Int

    package init(_ rawValue: Int) { self.rawValue = rawValue }
}

/// What a policy wants its channel to do, in order.
package enum PolicyCommand: Hashable, Sendable {
    case create(SubchannelID, SocketAddress)
    /// Start connecting, if idle.
    case connect(SubchannelID)
    /// Take no new calls, let those under way end, close.
    case remove(SubchannelID)
    /// Ask the resolver to look again.
    case resolveAgain
    /// Call `timerFired` once, after this long.
    case startTimer(TimerID, Duration)
    case stopTimer(TimerID)
    /// The channel's state is now this, and calls are picked so.
    case update(ConnectivityState, Picker)
}

/// The channel as a policy sees it, while the policy has an input: a policy asks, and the channel carries it out when
/// the policy has returned. A value like all here; only the ids are made at once.
package struct ChannelControlHelper: Sendable {
    /// The time of the input, which the channel sets.
    package var now = Instant(nanoseconds: 0)
    private var subchannelsMade = 0
    private var timersMade = 0
    private var commands: [PolicyCommand] = []

    package init() {}

    /// A new subchannel, which is idle.
    package mutating func createSubchannel(_ address: SocketAddress) -> SubchannelID {
        let id = SubchannelID(subchannelsMade)
        subchannelsMade += 1
        commands.append(.create(id, address))
        return id
    }

    package mutating func connect(_ id: SubchannelID) { commands.append(.connect(id)) }

    package mutating func remove(_ id: SubchannelID) { commands.append(.remove(id)) }

    package mutating func resolveAgain() { commands.append(.resolveAgain) }

    package mutating func startTimer(after delay: Duration) -> TimerID {
        let id = TimerID(timersMade)
        timersMade += 1
        commands.append(.startTimer(id, delay))
        return id
    }

    package mutating func stopTimer(_ id: TimerID) { commands.append(.stopTimer(id)) }

    package mutating func update(_ state: ConnectivityState, _ picker: Picker) {
        commands.append(.update(state, picker))
    }

    /// For the channel: nothing has been asked for.
    package var isEmpty: Bool { commands.isEmpty }

    /// For the channel: what has been asked for since the last time.
    package mutating func takeCommands() -> [PolicyCommand] {
        defer { commands = [] }
        return commands
    }

    /// How many commands there are: a mark for `keep`.
    var count: Int { commands.count }

    /// For a parent: what has been asked for since `mark`.
    func commands(from mark: Int) -> ArraySlice<PolicyCommand> { commands[mark...] }

    /// For a parent: drops those of the commands since `mark` that are not to be passed on.
    mutating func keep(from mark: Int, where isPassedOn: (PolicyCommand) -> Bool) {
        let kept = commands[mark...].filter(isPassedOn)
        commands.replaceSubrange(mark..., with: kept)
    }
}
