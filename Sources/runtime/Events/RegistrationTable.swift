/// A watched descriptor. Its generation tells an event for a descriptor that was closed, and whose number was reused in
/// the same turn, from one for its successor.
package struct Registration: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32
    package let descriptor: Int32

    /// What epoll hands back with an event.
    var token: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}

/// Handlers by slot, with a generation each.
struct RegistrationTable {
    private struct Slot {
        var generation: UInt32 = 0
        var handler: (any ReadinessHandler)?
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []

    var count: Int { slots.count - free.count }

    mutating func add(descriptor: Int32, handler: any ReadinessHandler) -> Registration {
        let index: UInt32
        if let reused = free.popLast() {
            index = reused
        } else {
            index = UInt32(slots.count)
            slots.append(Slot())
        }
        slots[Int(index)].handler = handler
        return Registration(slot: index, generation: slots[Int(index)].generation, descriptor: descriptor)
    }

    mutating func remove(_ registration: Registration) {
        let index = Int(registration.slot)
        slots[index].handler = nil
        // Bit 31 stays clear, so that no token is the wake-up's (all ones).
        slots[index].generation = (slots[index].generation &+ 1) & 0x7fff_ffff
        free.append(registration.slot)
    }

    func handler(for token: UInt64) -> (any ReadinessHandler)? {
        let index = Int(token & 0xffff_ffff)
        guard index < slots.count, slots[index].generation == UInt32(token >> 32) else { return nil }
        return slots[index].handler
    }
}
