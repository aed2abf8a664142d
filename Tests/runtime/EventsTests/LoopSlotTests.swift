import Events
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct LoopSlotTests {
    /// Belongs to one loop, so it is not Sendable.
    private final class Box {
        var number = 1
    }

    @Test func theValueIsMadeAndUsedOnItsLoop() async throws {
        let loop = try EventLoop.startThread(named: "slot")
        defer { loop.stop() }
        let slot = LoopSlot<Box>(on: loop)
        slot.fill {
            loop.preconditionCurrent()
            return Box()
        }
        slot.perform { $0.number += 1 }
        #expect(await loop.run { slot.value?.number } == 2)
    }

    @Test func onTheCurrentLoopItIsThereAtOnce() async throws {
        try await withLoop { loop in
            let slot = LoopSlot<Box>(on: loop)
            #expect(slot.value == nil)
            slot.fill { Box() }
            #expect(slot.value?.number == 1)
        }
    }

    @Test func anEmptySlotLetsGoAndPerformsNothing() async throws {
        try await withLoop { loop in
            let slot = LoopSlot<Box>(on: loop)
            slot.perform { _ in Issue.record("performed before it was filled") }
            slot.fill { Box() }
            weak let box = slot.value
            #expect(box != nil)
            slot.empty()
            #expect(box == nil)
            slot.perform { _ in Issue.record("performed after it was emptied") }
        }
    }
}
