/// What callbacks on a loop report, for a test on that loop to wait for. Loop thread only.
package final class Journal<Entry> {
    private var entries: [Entry] = []
    private var waiter: (wanted: (Entry) -> Bool, resume: (Entry) -> Void)?

    package init() {}

    /// Entries that nobody has taken yet.
    package var isEmpty: Bool { entries.isEmpty }

    package func note(_ entry: Entry) {
        if let waiter, waiter.wanted(entry) {
            self.waiter = nil
            waiter.resume(entry)
        } else {
            entries.append(entry)
        }
    }

    /// Takes the oldest entry; waits for one if there is none.
    package func next() async -> Entry { await first { _ in true } }

    /// Takes the first entry that fits that fits, and drops those before it.
    package func first(where wanted: @escaping (Entry) -> Bool) async -> Entry {
        let box = Box()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            // Looked at in here only: waiting begins with a turn in which others run.
            if let index = entries.firstIndex(where: wanted) {
                box.entry = entries[index]
                entries.removeSubrange(...index)
                continuation.resume()
                return
            }
            entries.removeAll()
            waiter = (
                wanted,
                {
                    box.entry = $0
                    continuation.resume()
                }
            )
        }
        guard let entry = box.entry else { preconditionFailure("resumed without an entry") }
        return entry
    }

    private final class Box {
        var entry: Entry?
    }
}
