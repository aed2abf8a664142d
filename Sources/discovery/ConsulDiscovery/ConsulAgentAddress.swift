package import Addresses
package import Timing

/// Decides which of a name's addresses is asked. A name's address is believed for as long as the name server says, within
/// bounds, and until it does not answer; if names are not resolved, the last one is better than none.
///
/// With `isKept` it is believed until it does not answer, whatever name servers say: an entry is one agent's own affair,
/// so that a name with several addresses must not send its renewals, and its end, to another.
package struct ConsulAgentAddress: Hashable, Sendable {
    private static let times: ClosedRange<Duration> = .seconds(1) ... .seconds(30)
    /// After a look-up that failed.
    private static let pause = Duration.seconds(5)

    private let isKept: Bool
    private var last: IPAddress?
    private var believedUntil: Instant?
    private var hasFailed = false

    package init(isKept: Bool) {
        self.isKept = isKept
    }

    /// The one to ask; nil if the name is to be looked up first.
    package func address(at now: Instant) -> IPAddress? {
        guard let believedUntil, now < believedUntil else { return nil }
        return last
    }

    package var hasLast: Bool { last != nil }

    /// nil if there is none.
    package mutating func found(_ addresses: [IPAddress], timeToLive: Duration?, at now: Instant) -> IPAddress? {
        let failed = hasFailed ? last : nil
        guard let next = addresses.first(where: { $0 != failed }) ?? addresses.first else { return nil }
        let times = ConsulAgentAddress.times
        let time = min(max(timeToLive ?? .zero, times.lowerBound), times.upperBound)
        last = next
        hasFailed = false
        believedUntil = isKept ? .distantFuture : now + time
        return next
    }

    /// nil if there has never been one.
    package mutating func lookUpFailed(at now: Instant) -> IPAddress? {
        if last != nil { believedUntil = now + ConsulAgentAddress.pause }
        return last
    }

    /// It does not answer.
    package mutating func failed() {
        hasFailed = true
        believedUntil = nil
    }
}
