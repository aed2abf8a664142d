package import RPCCore

/// Chooses a subchannel for each call; a policy makes a new one whenever the choice changes.
///
/// An enum rather than a protocol: a pick happens for every call, and the kinds are few.
package enum Picker: Hashable, Sendable {
    /// Wait for the next picker; the channel is connecting.
    case queue
    /// As `queue`, and the policy must be told to leave IDLE.
    case idle
    /// Fail, unless the call waits for ready.
    case fail(RPCError)
    case only(SubchannelID)
    case rotation(Rotation)

    /// The outcome of one pick.
    package enum Pick: Hashable, Sendable {
        case subchannel(SubchannelID)
        case queue
        case exitIdle
        case fail(RPCError)
    }

    package mutating func pick() -> Pick {
        switch self {
        case .queue: return .queue
        case .idle: return .exitIdle
        case .fail(let error): return .fail(error)
        case .only(let id): return .subchannel(id)
        case .rotation(var rotation):
            // Out of the enum first, so that the array inside has one owner and is not copied.
            self = .queue
            let id = rotation.next()
            self = .rotation(rotation)
            return .subchannel(id)
        }
    }
}

/// One after the other, round and round.
package struct Rotation: Hashable, Sendable {
    private let first: SubchannelID
    private let others: [SubchannelID]
    private var position: Int

    /// nil for an empty list. `start` is where to begin, modulo the length.
    package init?(_ ids: [SubchannelID], start: Int) {
        guard let first = ids.first else { return nil }
        self.first = first
        others = Array(ids.dropFirst())
        position = Int(UInt(bitPattern: start) % UInt(ids.count))
    }

    package mutating func next() -> SubchannelID {
        defer { position = position == others.count ? 0 : position + 1 }
        return position == 0 ? first : others[position - 1]
    }
}
