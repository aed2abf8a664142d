import Addresses
import RPCCore
import Timing

/// What `outlier_detection` knows of each endpoint (gRFC A50's map; by endpoint and not by address, as A61 has it).
struct ObservedServers {
    struct Server {
        var serial: UInt32
        var endpoint: Endpoint
        /// Since the last look.
        fileprivate var successes = 0
        fileprivate var failures = 0
        /// Between the last two.
        fileprivate var counted = (successes: 0, failures: 0)
        fileprivate var ejectedSince: Instant?
        fileprivate var multiplier = 0
        fileprivate(set) var subchannels: [SubchannelID] = []
        /// What it has done in the interval that it was ejected for.
        fileprivate(set) var ejectedFor = (failures: 0, calls: 0)
        /// What calls fail with when there is nobody else.
        fileprivate var error: RPCError?

        var isEjected: Bool { ejectedSince != nil }
        var ejection: (since: Instant, times: Int)? { ejectedSince.map { ($0, multiplier) } }
        var successRate: Double { Double(counted.successes) / Double(max(calls, 1)) }
        var failed: Int { counted.failures }
        var calls: Int { counted.successes + counted.failures }
    }

    /// By slot; those that are free are of endpoints that have left.
    private var slots: [Server] = []
    private var freeSlots: [Int] = []
    /// Those in use, in the order of the set.
    private(set) var inOrder: [Int] = []
    private var byAddress: [SocketAddress: Int] = [:]
    private var bySubchannel: [SubchannelID: EndpointSharding.Number] = [:]
    private var lastSerial: UInt32 = 0

    subscript(slot: Int) -> Server { slots[slot] }

    mutating func update(_ endpoints: [Endpoint]) {
        var known: [Set<SocketAddress>: Int] = [:]
        for slot in inOrder { known[slots[slot].endpoint.identity] = slot }
        var wanted: Set<Set<SocketAddress>> = []
        let unique = endpoints.filter { wanted.insert($0.identity).inserted }
        for (identity, slot) in known where !wanted.contains(identity) {
            freeSlots.append(slot)
            // Calls that are under way, and subchannels that are about to go, are nobody's now.
            slots[slot].serial = 0
        }
        inOrder = []
        byAddress = [:]
        for endpoint in unique {
            let slot = known[endpoint.identity] ?? newSlot(endpoint)
            inOrder.append(slot)
            // The first one's, should two claim it.
            for address in endpoint.addresses where byAddress[address] == nil { byAddress[address] = slot }
        }
    }

    private mutating func newSlot(_ endpoint: Endpoint) -> Int {
        lastSerial = lastSerial == .max ? 1 : lastSerial + 1
        let server = Server(serial: lastSerial, endpoint: endpoint)
        if let slot = freeSlots.popLast() {
            slots[slot] = server
            return slot
        }
        slots.append(server)
        return slots.count - 1
    }

    // MARK: Subchannels

    mutating func add(_ id: SubchannelID, at address: SocketAddress) {
        guard let slot = byAddress[address] else { return }
        slots[slot].subchannels.append(id)
        bySubchannel[id] = EndpointSharding.Number(slot: slot, serial: slots[slot].serial)
    }

    mutating func remove(_ id: SubchannelID) {
        guard let number = bySubchannel.removeValue(forKey: id), isThere(number) else { return }
        slots[number.slot].subchannels.removeAll { $0 == id }
    }

    /// Whose subchannel it is; nil if it belongs to none, or to one that has left.
    func number(of id: SubchannelID) -> EndpointSharding.Number? { bySubchannel[id] }

    /// nil if its server is not ejected.
    func ejection(of id: SubchannelID) -> RPCError? {
        guard let number = bySubchannel[id], isThere(number), slots[number.slot].isEjected else { return nil }
        return slots[number.slot].error
    }

    private func isThere(_ number: EndpointSharding.Number) -> Bool { slots[number.slot].serial == number.serial }

    // MARK: Calls

    mutating func count(_ isSuccess: Bool, for number: EndpointSharding.Number) {
        guard isThere(number) else { return }
        if isSuccess { slots[number.slot].successes += 1 } else { slots[number.slot].failures += 1 }
    }

    /// What has been counted is what is looked at from now on.
    mutating func beginInterval() {
        for slot in inOrder {
            slots[slot].counted = (slots[slot].successes, slots[slot].failures)
            slots[slot].successes = 0
            slots[slot].failures = 0
        }
    }

    /// Those that had so many calls, and one at least: none has no rate.
    func withCalls(atLeast volume: Int) -> [Int] { inOrder.filter { slots[$0].calls >= max(volume, 1) } }

    // MARK: Ejection

    var ejectedPercent: Double {
        Double(inOrder.count { slots[$0].isEjected }) / Double(max(inOrder.count, 1)) * 100
    }

    mutating func eject(_ slot: Int, at now: Instant) {
        slots[slot].ejectedSince = now
        slots[slot].multiplier += 1
        let (failures, calls) = (slots[slot].counted.failures, slots[slot].calls)
        slots[slot].ejectedFor = (failures, calls)
        slots[slot].error = RPCError(
            .unavailable,
            "\(slots[slot].endpoint) is ejected by outlier_detection: \(failures) of \(calls) calls failed")
    }

    /// Each interval without ejection shortens the next one; `isOver` says whether this one has been long enough. True if
    /// the server is back.
    mutating func endInterval(_ slot: Int, _ isOver: (_ since: Instant, _ times: Int) -> Bool) -> Bool {
        guard let since = slots[slot].ejectedSince else {
            if slots[slot].multiplier > 0 { slots[slot].multiplier -= 1 }
            return false
        }
        guard isOver(since, slots[slot].multiplier) else { return false }
        slots[slot].ejectedSince = nil
        slots[slot].error = nil
        return true
    }
}
