/// Calls that wait for the next picker, in the order in which they came.
struct CallQueue {
    private var calls: [ClientCall] = []
    /// The length at which it is looked through next.
    private var nextSweep = 64

    var isEmpty: Bool { calls.isEmpty }
    /// How many are waited for by somebody.
    var waiting: Int { calls.count { !$0.hasEnded } }

    mutating func append(_ call: ClientCall) {
        // Calls whose deadline passed while they waited are not worth keeping.
        if calls.count >= nextSweep {
            calls.removeAll(where: \.hasEnded)
            nextSweep = max(64, calls.count * 2)
        }
        calls.append(call)
    }

    mutating func takeAll() -> [ClientCall] {
        defer { calls = [] }
        return calls
    }
}
