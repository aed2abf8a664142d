import RPCCore
import Testing

@Suite struct MessageQueueTests {
    /// DATA that completes these messages and brings `more` bytes of the next.
    private func arrive(_ queue: inout MessageQueue, _ sizes: [Int], more: Int = 0) {
        queue.receive(dataBytes: sizes.reduce(0) { $0 + 5 + $1 } + more)
        for size in sizes {
            queue.append(ReceivedMessage([UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size)))
        }
    }

    @Test func aMessageGivesItsBytesBackWhenItIsTaken() throws {
        var queue = MessageQueue()
        #expect(queue.isEmpty)
        arrive(&queue, [3, 0, 10], more: 4)
        let first = queue.take()
        #expect(try first?.message.content() == [3, 3, 3])
        #expect(first?.freed == 8)
        let second = queue.take()
        #expect(try second?.message.content() == [])
        #expect(second?.freed == 5)
        let third = queue.take()
        #expect(third?.message.count == 10)
        #expect(third?.freed == 15)
        #expect(queue.take()?.freed == nil)
        #expect(queue.isEmpty)
    }

    @Test func aMessageThatIsWaitedForGivesBackWhatThereIsOfIt() throws {
        var queue = MessageQueue()
        arrive(&queue, [], more: 40)
        #expect(queue.awaitNext() == 40)
        #expect(queue.awaitNext() == 0)
        queue.receive(dataBytes: 50)
        #expect(queue.awaitNext() == 50)
        // 105 bytes in all, and of the next message 7.
        queue.receive(dataBytes: 22)
        queue.append(ReceivedMessage([UInt8](repeating: 1, count: 100)))
        #expect(queue.take()?.freed == 15)
        #expect(queue.awaitNext() == 7)
    }

    @Test func nobodyWaitsWhileThereAreMessages() throws {
        var queue = MessageQueue()
        arrive(&queue, [1], more: 100)
        #expect(queue.awaitNext() == 0)
        #expect(queue.take()?.freed == 6)
    }

    /// In the end all is given back, and never more than has arrived.
    @Test func theSumIsRight() throws {
        for seed in 1...200 {
            var random = seed
            func next(_ bound: Int) -> Int {
                random = (random &* 1_103_515_245 &+ 12345) & 0x7fff_ffff
                return (random >> 8) % bound
            }
            var queue = MessageQueue()
            var arrived = 0
            var freed = 0
            var sent: [Int] = []
            var missing = 0
            var taken: [Int] = []
            for _ in 0..<300 {
                switch next(3) {
                case 0:
                    // DATA of any size, in messages of any size.
                    let data = next(60)
                    var rest = data
                    arrived += data
                    queue.receive(dataBytes: data)
                    while rest > 0 {
                        if missing == 0 {
                            sent.append(next(90))
                            missing = 5 + sent[sent.count - 1]
                        }
                        let part = min(rest, missing)
                        rest -= part
                        missing -= part
                        if missing == 0 {
                            queue.append(ReceivedMessage([UInt8](repeating: 0, count: sent[sent.count - 1])))
                        }
                    }
                case 1:
                    guard let (message, bytes) = queue.take() else { continue }
                    taken.append(message.count)
                    freed += bytes
                default:
                    freed += queue.awaitNext()
                }
                #expect(freed <= arrived)
                // What the application has taken is never held.
                #expect(freed >= taken.reduce(0) { $0 + 5 + $1 })
            }
            while let (message, bytes) = queue.take() {
                taken.append(message.count)
                freed += bytes
            }
            freed += queue.awaitNext()
            #expect(freed == arrived)
            #expect(taken == Array(sent.prefix(taken.count)))
        }
    }

    @Test func nothingIsLeftOfWhatIsDropped() throws {
        var queue = MessageQueue()
        arrive(&queue, [1, 2, 3])
        _ = queue.take()
        queue.removeAll()
        #expect(queue.isEmpty)
        #expect(queue.take()?.freed == nil)
    }
}
