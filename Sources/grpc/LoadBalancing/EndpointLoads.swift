import Bytes

/// What a policy knows of each endpoint, and which of them can be called: for policies that compare endpoints at each
/// call. A pick touches this and allocates nothing.
struct EndpointLoads<Load> {
    struct Ready {
        let subchannel: SubchannelID
        let number: EndpointSharding.Number
    }

    /// In the order of the set.
    private(set) var ready: [Ready] = []
    /// By slot; of endpoints that have left too, until another one takes the slot.
    private var entries: [(serial: UInt32, load: Load)] = []

    /// `make` says how an endpoint begins.
    mutating func update(_ members: [EndpointSharding.Member], make: () -> Load) {
        ready = members.map { Ready(subchannel: $0.subchannel, number: $0.number) }
        for member in members {
            let slot = member.number.slot
            while entries.count <= slot { entries.append((0, make())) }
            if entries[slot].serial != member.number.serial {
                entries[slot] = (member.number.serial, make())
            }
        }
    }

    mutating func nobodyIsReady() { ready = [] }

    /// The load of one of those that are ready, by its place among them.
    subscript(place: Int) -> Load {
        get { entries[ready[place].number.slot].load }
        set { entries[ready[place].number.slot].load = newValue }
    }

    /// What is known of those that are ready, for people.
    func account(_ server: (Load) -> PolicyAccount.Server?) -> [SubchannelID: PolicyAccount.Server] {
        var servers: [SubchannelID: PolicyAccount.Server] = [:]
        for place in ready.indices {
            if let server = server(self[place]) { servers[ready[place].subchannel] = server }
        }
        return servers
    }

    /// What a call has done to the load of its endpoint, if that is in the set still.
    mutating func change(_ call: TrackedCall, _ body: (inout Load) -> Void) {
        let number = EndpointSharding.Number(call)
        guard entries.indices.contains(number.slot), entries[number.slot].serial == number.serial else { return }
        body(&entries[number.slot].load)
    }
}

extension SplitMix64 {
    /// Uniform in 0..<limit, as good as: without the division and the retries of the standard library's.
    mutating func below(_ limit: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(truncatingIfNeeded: limit)).high)
    }
}
