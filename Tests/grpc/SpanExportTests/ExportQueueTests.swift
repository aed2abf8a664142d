import SpanExport
import Testing
import Timing

@Suite struct ExportQueueTests {
    private var queue: ExportQueue<Int>
    private let start = Instant(nanoseconds: 0)

    init() {
        var limits = ExportQueue<Int>.Limits()
        limits.items = 6
        limits.bytes = 100
        limits.batchItems = 3
        limits.batchBytes = 50
        queue = ExportQueue(limits)
    }

    /// What there is to do, as text.
    private mutating func next(at seconds: Int) -> String {
        switch queue.next(at: start + .seconds(seconds)) {
        case .rest: "rest"
        case .wait(let until): "wait until \((until - start) / .seconds(1))"
        case .send(let items): "send \(items)"
        }
    }

    private mutating func add(_ items: ClosedRange<Int>, bytes: Int = 1, at seconds: Int = 0) -> [Bool] {
        items.map { queue.add($0, bytes: bytes, at: start + .seconds(seconds)) }
    }

    private mutating func end(_ outcome: ExportQueue<Int>.Outcome, at seconds: Int) -> Int {
        queue.ended(outcome, at: start + .seconds(seconds))
    }

    @Test mutating func waitsForOthersToGoWithIt() {
        #expect(next(at: 0) == "rest")
        #expect(add(1...1, at: 1) == [true])
        #expect(next(at: 1) == "wait until 6.0")
        #expect(add(2...2, at: 4) == [true])
        #expect(next(at: 4) == "wait until 6.0")
        #expect(next(at: 6) == "send [1, 2]")
        #expect(end(.taken, at: 6) == 2)
        #expect(queue.isAtRest && next(at: 6) == "rest")
    }

    @Test mutating func aFullBatchGoesAtOnceAndOneAtATime() {
        _ = add(1...5)
        #expect(next(at: 0) == "send [1, 2, 3]")
        #expect(next(at: 9) == "rest")
        #expect(end(.taken, at: 9) == 3)
        #expect(next(at: 9) == "send [4, 5]")
    }

    @Test mutating func aBatchIsBoundedInBytesButNeverEmpty() {
        #expect(add(1...3, bytes: 20) == [true, true, true])
        #expect(next(at: 0) == "send [1, 2]")
        #expect(end(.taken, at: 0) == 2)
        #expect(add(4...4, bytes: 60) == [true])
        #expect(next(at: 0) == "send [3]")
        #expect(end(.taken, at: 0) == 1)
        #expect(next(at: 0) == "send [4]")
    }

    @Test mutating func nothingIsSentWhileTheCollectorIsLeftAlone() {
        _ = add(1...6)
        #expect(next(at: 0) == "send [1, 2, 3]")
        #expect(end(.lost(rest: .seconds(40)), at: 1) == 3)
        #expect(next(at: 1) == "wait until 41.0")
        #expect(next(at: 41) == "send [4, 5, 6]")
        #expect(end(.taken, at: 42) == 3)
        _ = add(7...9)
        #expect(next(at: 42) == "send [7, 8, 9]")
        // At the end there is no time for that.
        #expect(end(.lost(rest: .seconds(40)), at: 43) == 3)
        _ = add(10...10)
        queue.end()
        #expect(next(at: 43) == "send [10]")
    }

    @Test mutating func whatComesWhenItIsFullIsDropped() {
        #expect(add(1...8) == [true, true, true, true, true, true, false, false])
        #expect(next(at: 0) == "send [1, 2, 3]")
        // What is under way is still here.
        #expect(add(9...9) == [false])
        #expect(end(.taken, at: 0) == 3)
        #expect(add(10...13) == [true, true, true, false])
        #expect(queue.count == 6)
    }

    @Test mutating func bytesAreBoundedToo() {
        #expect(add(1...4, bytes: 40) == [true, true, false, false])
        #expect(next(at: 0) == "send [1]")
        #expect(end(.taken, at: 0) == 1)
        #expect(add(5...6, bytes: 40) == [true, false])
    }

    @Test mutating func aBatchIsTriedAgainAndThenGivenUp() {
        _ = add(1...4)
        #expect(next(at: 0) == "send [1, 2, 3]")
        #expect(end(.again(after: .seconds(2)), at: 1) == 0)
        #expect(next(at: 1) == "wait until 3.0")
        #expect(next(at: 3) == "send [1, 2, 3]")
        #expect(end(.lost(rest: .zero), at: 3) == 3)
        #expect(next(at: 3) == "wait until 5.0")
        #expect(next(at: 5) == "send [4]")
    }

    @Test mutating func atTheEndNothingWaits() {
        _ = add(1...4)
        #expect(next(at: 0) == "send [1, 2, 3]")
        #expect(end(.again(after: .seconds(30)), at: 0) == 0)
        queue.end()
        #expect(next(at: 1) == "send [1, 2, 3]")
        #expect(end(.again(after: .seconds(30)), at: 1) == 3)
        #expect(next(at: 1) == "send [4]")
        #expect(!queue.isAtRest)
        #expect(queue.removeAll() == 1 && queue.isAtRest)
        #expect(end(.taken, at: 2) == 0)
    }

    /// 100 000 items through a queue of six leave nothing behind.
    @Test mutating func itsMemoryIsUsedAgain() {
        var seen = 0
        for item in 0..<100_000 {
            let isThere = queue.add(item, bytes: 10, at: start)
            #expect(isThere)
            guard case .send(let items) = queue.next(at: start + .seconds(item)) else { continue }
            seen += items.count
            let over = queue.ended(.taken, at: start)
            #expect(over == items.count)
        }
        #expect(seen + queue.count == 100_000 && queue.count < 3)
    }
}
