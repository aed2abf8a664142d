/// What a policy around another one has to know again when a call ends. The table grows to the greatest number of calls
/// that were ever under way at once, and from then on allocates nothing.
struct CallTable {
    private struct Entry {
        var server: EndpointSharding.Number?
        var tracking: TrackedCall?
        var isOpen: Bool
    }

    private var entries: [Entry] = []
    private var free: [Int] = []

    /// `tracking` is what the policy within wants to hear of.
    mutating func add(_ server: EndpointSharding.Number?, _ tracking: TrackedCall?) -> TrackedCall {
        let entry = Entry(server: server, tracking: tracking, isOpen: true)
        if let index = free.popLast() {
            entries[index] = entry
            return TrackedCall(index)
        }
        entries.append(entry)
        return TrackedCall(entries.count - 1)
    }

    /// nil if it is not there, or not any more.
    mutating func remove(_ call: TrackedCall) -> (server: EndpointSharding.Number?, tracking: TrackedCall?)? {
        guard entries.indices.contains(call.rawValue), entries[call.rawValue].isOpen else { return nil }
        entries[call.rawValue].isOpen = false
        free.append(call.rawValue)
        return (entries[call.rawValue].server, entries[call.rawValue].tracking)
    }
}
