import Bytes
import Testing

@Suite struct ByteQueueTests {
    private func content(_ queue: borrowing ByteQueue) -> [UInt8] { Array(copying: queue.bytes) }

    @Test func bytesLeaveInTheOrderInWhichTheyCame() {
        var queue = ByteQueue()
        queue.append([1, 2, 3])
        queue.consume(2)
        queue.append([4])
        #expect(content(queue) == [3, 4])
        #expect(queue.count == 2)
    }

    @Test func consumingTooMuchOrLessThanNothingIsHarmless() {
        var queue = ByteQueue()
        queue.append([1, 2])
        queue.consume(-1)
        #expect(queue.count == 2)
        queue.consume(100)
        #expect(queue.isEmpty)
        queue.append([5])
        #expect(content(queue) == [5])
    }

    @Test func compactionKeepsTheContent() {
        var queue = ByteQueue()
        var expected: [UInt8] = []
        for round in 0..<2000 {
            let piece = [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: 13)
            queue.append(piece)
            expected += piece
            queue.consume(11)
            expected.removeFirst(11)
        }
        #expect(content(queue) == expected)
    }

    @Test func stringsAreValidatedAsUTF8() {
        #expect(String(validating: [0x68, 0xC3, 0xA9].span) == "hé")
        #expect(String(validating: [0x68, 0xC3].span) == nil)
    }
}
