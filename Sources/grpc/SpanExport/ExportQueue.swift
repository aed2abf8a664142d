package import Timing

/// What waits to be exported: batches by size and by time, one under way at a time, tried again as `ExportRetry` says, and
/// bounded in number and bytes, so that a collector that is slow or gone costs memory up to there and nothing else. What
/// comes when it is full is dropped: the oldest spans say how the trouble began. Pure.
package struct ExportQueue<Item> {
    package struct Limits: Hashable, Sendable {
        package var items = 2048
        package var bytes = 4 << 20
        package var batchItems = 512
        /// A collector takes messages of 4 MiB (OpenTelemetry's, by default).
        package var batchBytes = 1 << 20
        /// How long an item waits for others to go with it.
        package var delay = Duration.seconds(5)

        package init() {}
    }

    package enum Action {
        /// There is nothing to do before something comes.
        case rest
        /// Ask again then.
        case wait(until: Instant)
        /// Export these, and tell what became of them (`ended`).
        case send([Item])
    }

    /// What became of a batch.
    package enum Outcome: Hashable, Sendable {
        case taken
        /// Try again after so long.
        case again(after: Duration)
        /// Give it up, and send nothing else before so long.
        case lost(rest: Duration)
    }

    private enum State {
        case idle
        case sending
        case pausing(until: Instant)
    }

    private struct Entry {
        let item: Item
        let bytes: Int
        let came: Instant
    }

    private let limits: Limits
    private var state = State.idle
    /// The ones before `first` are gone.
    private var entries: [Entry] = []
    private var first = 0
    /// The batch that is under way: the first so many.
    private var underWay = 0
    private var bytes = 0
    private var isEnding = false
    /// Nothing is sent before.
    private var restUntil: Instant?

    package init(_ limits: Limits) {
        self.limits = limits
    }

    /// With what is under way.
    package var count: Int { entries.count - first }

    /// Nothing is under way, and nothing waits.
    package var isAtRest: Bool {
        if case .idle = state { return count == 0 }
        return false
    }

    /// False if there is no room.
    package mutating func add(_ item: Item, bytes: Int, at now: Instant) -> Bool {
        guard count < limits.items, self.bytes + bytes <= limits.bytes else { return false }
        entries.append(Entry(item: item, bytes: bytes, came: now))
        self.bytes += bytes
        return true
    }

    /// From now on nothing waits for more to come.
    package mutating func end() { isEnding = true }

    package mutating func next(at now: Instant) -> Action {
        switch state {
        case .sending: return .rest
        case .pausing(let until) where now < until && !isEnding: return .wait(until: until)
        case .pausing:
            state = .sending
            return .send(entries[first..<first + underWay].map(\.item))
        case .idle:
            guard count > 0 else { return .rest }
            if let restUntil, now < restUntil, !isEnding { return .wait(until: restUntil) }
            let batch = nextBatch()
            let due = entries[first].came + limits.delay
            guard batch.isFull || isEnding || now >= due else { return .wait(until: due) }
            underWay = batch.count
            state = .sending
            return .send(entries[first..<first + underWay].map(\.item))
        }
    }

    /// One at least, however large it is. Full where another one would not go with it.
    private func nextBatch() -> (count: Int, isFull: Bool) {
        var size = 0
        for (number, entry) in entries[first...].enumerated() {
            if number == limits.batchItems || (number > 0 && size + entry.bytes > limits.batchBytes) {
                return (number, true)
            }
            size += entry.bytes
        }
        return (count, count == limits.batchItems || size >= limits.batchBytes)
    }

    /// Answers how many the batch had that is over now; 0 if it is to be tried again.
    @discardableResult
    package mutating func ended(_ outcome: Outcome, at now: Instant) -> Int {
        guard case .sending = state else { return 0 }
        switch outcome {
        case .again(let delay) where !isEnding:
            state = .pausing(until: now + delay)
            return 0
        case .lost(let rest): restUntil = now + rest
        case .taken, .again: restUntil = nil
        }
        return drop(underWay)
    }

    /// Answers how many there were.
    package mutating func removeAll() -> Int { drop(count) }

    private mutating func drop(_ number: Int) -> Int {
        for entry in entries[first..<first + number] { bytes -= entry.bytes }
        first += number
        underWay = 0
        state = .idle
        // Moved rarely, and only what is less than has gone.
        if first * 2 >= entries.count {
            entries.removeSubrange(..<first)
            first = 0
        }
        return number
    }
}
