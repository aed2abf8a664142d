import RPCCore
import Testing

@Suite struct MessageFramingTests {
    private struct Outcome: Equatable {
        var messages: [[UInt8]] = []
        var error: RPCError?
        var isAtBoundary = true
    }

    private func deframe(_ pieces: [[UInt8]], max: Int = 1000) -> Outcome {
        var deframer = MessageDeframer(maxMessageBytes: max)
        var outcome = Outcome()
        do throws(RPCError) {
            for piece in pieces {
                try deframer.receive(piece.span) { message throws(RPCError) in
                    outcome.messages.append(try message.content())
                }
            }
        } catch {
            outcome.error = error
        }
        outcome.isAtBoundary = deframer.isAtBoundary
        return outcome
    }

    private static let messages: [[UInt8]] = [[1, 2, 3], [], [4], Array(0..<20), []]
    private static let stream = messages.flatMap { frame($0) }

    @Test func messagesAreFoundHoweverTheStreamIsCut() {
        let stream = MessageFramingTests.stream
        let expected = Outcome(messages: MessageFramingTests.messages)
        #expect(deframe([stream]) == expected)
        #expect(deframe(stream.map { [$0] }) == expected)
        for first in 0...stream.count {
            for second in first...stream.count {
                let pieces = [Array(stream[..<first]), Array(stream[first..<second]), Array(stream[second...])]
                #expect(deframe(pieces) == expected, "cut at \(first) and \(second)")
            }
        }
    }

    @Test func onlyBetweenMessagesIsABoundary() {
        var ends: Set<Int> = [0]
        for message in MessageFramingTests.messages { ends.insert((ends.max() ?? 0) + 5 + message.count) }
        for length in 0...MessageFramingTests.stream.count {
            let outcome = deframe([Array(MessageFramingTests.stream.prefix(length))])
            #expect(outcome.isAtBoundary == ends.contains(length), "after \(length) bytes")
        }
    }

    @Test func theLimitIsCheckedOnThePrefix() {
        #expect(deframe([frame(Array(repeating: 7, count: 10))], max: 10).messages.count == 1)
        // The prefix alone is enough; nothing of the message has come.
        let outcome = deframe([[0, 0, 0, 0, 11]], max: 10)
        #expect(outcome.error == RPCError(.resourceExhausted, "message of 11 bytes is over the limit of 10"))
        #expect(deframe([[0, 0xff, 0xff, 0xff, 0xff]], max: 10).error?.code == .resourceExhausted)
        #expect(deframe([[0, 0xff, 0xff, 0xff]], max: 10).error == nil)
        // A message before it has been delivered.
        #expect(deframe([frame([1]) + [0, 0, 0, 0, 11]], max: 10).messages == [[1]])
    }

    @Test func flagsOtherThanZeroAreRefused() {
        let compressed = deframe([frame([1], flag: 1)])
        #expect(compressed.error?.code == .internal)
        #expect(compressed.error?.message.contains("compressed flag") == true)
        #expect(compressed.messages == [])
        #expect(deframe([frame([1], flag: 2)]).error?.message == "message begins with flag byte 2, expected 0 or 1")
        #expect(deframe([frame([1], flag: 255)]).error?.code == .internal)
    }

    @Test func whatTheReceiverThrowsEndsTheWork() {
        var deframer = MessageDeframer(maxMessageBytes: 100)
        var delivered = 0
        #expect(throws: RPCError(.aborted, "enough")) {
            try deframer.receive((frame([1]) + frame([2])).span) { _ throws(RPCError) in
                delivered += 1
                throw RPCError(.aborted, "enough")
            }
        }
        #expect(delivered == 1)
    }

    @Test func sealingWritesThePrefix() throws {
        var buffer = MessageFraming.makeBuffer(capacity: 3)
        #expect(buffer == [0, 0, 0, 0, 0])
        buffer += Array(repeating: 9, count: 0x1_0203)
        try MessageFraming.seal(&buffer)
        #expect(Array(buffer.prefix(5)) == [0, 0x00, 0x01, 0x02, 0x03])
        var empty = MessageFraming.makeBuffer()
        try MessageFraming.seal(&empty)
        #expect(empty == [0, 0, 0, 0, 0])
        var short: [UInt8] = [0, 0]
        #expect(throws: RPCError.self) { try MessageFraming.seal(&short) }
    }
}
