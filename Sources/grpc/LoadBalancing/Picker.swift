package import RPCCore

/// What may be known of a call when a subchannel is picked for it.
package struct PickInfo: Hashable, Sendable {
    package let method: MethodDescriptor
    /// The caller's.
    package let metadata: Metadata

    package init(_ method: MethodDescriptor, metadata: Metadata = Metadata()) {
        self.method = method
        self.metadata = metadata
    }
}

/// A call whose end a policy wants to hear of. The number is the policy's own: an index, a count, whatever it needs to
/// know again what it picked for; so nothing is allocated for it.
package struct TrackedCall: Hashable, Sendable {
    package let rawValue: Int

    package init(_ rawValue: Int) { self.rawValue = rawValue }
}

/// The outcome of one pick.
package enum PickResult: Hashable, Sendable {
    /// With `tracking`, the policy that picked gets a `callEnded`, once, whatever becomes of the call.
    case subchannel(SubchannelID, tracking: TrackedCall? = nil)
    /// Wait for the next picker.
    case queue
    /// As `queue`, and the policy must be told to leave IDLE.
    case exitIdle
    /// Fail, unless the call waits for ready.
    case fail(RPCError)
}

/// How an attempt of a call ended, for the policy that picked for it: what least_request (gRFC A48), outlier_detection
/// (A50) and weighted_round_robin (A58) need.
package struct CallOutcome: Hashable, Sendable {
    /// Of this attempt: one that is sent again elsewhere has its own.
    package var status: StatusCode
    /// False if nothing of it left this side: the connection was gone already, or went before.
    package var wasSent: Bool
    /// Since the pick.
    package var duration: Duration
    /// How long the server took to answer: since the pick, until the reply of a call that has one, or until the head of
    /// the answer of a stream, which may stay open for ever for reasons of its own.
    package var latency: Duration
    /// From the server; load reports come in here (A51).
    package var trailers: Metadata

    package init(
        _ status: StatusCode, wasSent: Bool, duration: Duration, latency: Duration? = nil,
        trailers: Metadata = Metadata()
    ) {
        self.status = status
        self.wasSent = wasSent
        self.duration = duration
        self.latency = latency ?? duration
        self.trailers = trailers
    }

    /// The subchannel that was picked has no connection any more; the call waits for another pick.
    package static let noConnection = CallOutcome(.unavailable, wasSent: false, duration: .zero)
}

/// Chooses a subchannel for each call; a policy makes a new one whenever the choice changes.
///
/// An enum rather than a protocol: a pick happens for every call, and the kinds that need no more than what is in here
/// neither look at the call nor hear of its end.
package enum Picker: Hashable, Sendable {
    case queue
    case idle
    case fail(RPCError)
    case only(SubchannelID)
    case rotation(Rotation)
    /// The policy itself is asked, for each call.
    case policy

    /// `askPolicy` runs if the policy has to choose.
    package mutating func pick(askPolicy: () -> PickResult) -> PickResult {
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
        case .policy: return askPolicy()
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
