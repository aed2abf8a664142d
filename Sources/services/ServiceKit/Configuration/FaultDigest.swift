package import Timing

/// Says a thing once, and then once a minute with how often it has happened since: for faults of strangers, who may come as
/// often as they like.
package struct FaultDigest<Cause: Hashable> {
    private struct Entry {
        var quietUntil: Instant
        var unsaid = 0
    }

    package static var interval: Duration { .seconds(60) }

    /// By cause, of which there are few.
    private var entries: [Cause: Entry] = [:]

    package init() {}

    /// The line to write now, if any.
    package mutating func note(_ cause: Cause, _ text: String, at now: Instant) -> String? {
        var entry = entries[cause] ?? Entry(quietUntil: now)
        defer { entries[cause] = entry }
        guard now >= entry.quietUntil else {
            entry.unsaid += 1
            return nil
        }
        let before = entry.unsaid
        entry = Entry(quietUntil: now + FaultDigest.interval)
        return before == 0 ? text : "\(text) (and \(before) more of this kind since the last such line)"
    }
}
