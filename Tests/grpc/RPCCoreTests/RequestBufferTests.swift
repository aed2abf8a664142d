import RPCCore
import Testing

@Suite struct RequestBufferTests {
    private func message(_ byte: UInt8, count: Int = 1) -> OutgoingMessage {
        OutgoingMessage(copying: [UInt8](repeating: byte, count: count).span)
    }

    private func rest(_ buffer: inout RequestBuffer) -> [UInt8] {
        var first: [UInt8] = []
        while let message = buffer.next() { first.append(message.buffer[MessageFraming.prefixLength]) }
        return first
    }

    @Test func everyAttemptGetsAllInOrder() {
        var buffer = RequestBuffer()
        for byte in 1...3 as ClosedRange<UInt8> { buffer.append(message(byte)) }
        #expect(rest(&buffer) == [1, 2, 3])
        buffer.append(message(4))
        #expect(rest(&buffer) == [4])
        buffer.rewind()
        #expect(rest(&buffer) == [1, 2, 3, 4])
        #expect(buffer.messages == 4)
    }

    @Test func theEndComesOnceForEachAttemptAndLast() {
        var buffer = RequestBuffer()
        buffer.append(message(1))
        #expect(!buffer.isSingle)
        buffer.end()
        #expect(buffer.isSingle)
        #expect(buffer.takeEnd() == false)
        #expect(rest(&buffer) == [1])
        #expect(buffer.takeEnd() == true)
        #expect(buffer.takeEnd() == false)
        buffer.rewind()
        #expect(buffer.takeEnd() == false)
        #expect(rest(&buffer) == [1])
        #expect(buffer.takeEnd() == true)
    }

    @Test func aRequestWithoutMessagesEnds() {
        var buffer = RequestBuffer()
        buffer.end()
        #expect(!buffer.isSingle)
        #expect(buffer.takeEnd() == true)
    }

    @Test func severalMessagesCountAsLongAsTheyMayBeRepeated() {
        var buffer = RequestBuffer()
        buffer.append(message(1, count: 1000))
        _ = buffer.next()
        // Its caller had it before the call began.
        #expect(buffer.repeatableBytes == 0)
        buffer.append(message(2, count: 1000))
        let bytes = buffer.repeatableBytes
        #expect((2000...2200).contains(bytes))
        _ = buffer.next()
        #expect(buffer.repeatableBytes == bytes)
        buffer.rewind()
        #expect(buffer.repeatableBytes == bytes)
        buffer.commit()
        #expect(buffer.repeatableBytes == 0)
    }

    @Test func whatIsCommittedIsNotKept() {
        var buffer = RequestBuffer()
        for byte in 1...3 as ClosedRange<UInt8> { buffer.append(message(byte)) }
        _ = buffer.next()
        buffer.commit()
        buffer.rewind()
        #expect(rest(&buffer) == [2, 3])
        buffer.append(message(4))
        #expect(rest(&buffer) == [4])
        buffer.rewind()
        #expect(rest(&buffer) == [])
    }

    /// 256 KiB with the prefixes and 64 bytes for each, however the messages are cut; the last byte is one too many.
    @Test(arguments: [1, 2, 3, 1000]) func tooMuchIsCommitted(messages: Int) {
        var buffer = RequestBuffer()
        let overhead = MessageFraming.prefixLength + 64
        let size = RequestBuffer.limit / messages - overhead
        for _ in 0..<messages { buffer.append(message(1, count: size)) }
        _ = rest(&buffer)
        #expect(!buffer.isCommitted)
        let left = RequestBuffer.limit - messages * (size + overhead)
        buffer.append(message(2, count: max(0, left - overhead) + 1))
        // What only waits for its turn counts for nothing.
        #expect(!buffer.isCommitted)
        _ = rest(&buffer)
        #expect(buffer.isCommitted)
    }

    @Test func aSingleMessageIsKeptHoweverLong() {
        var buffer = RequestBuffer()
        buffer.append(message(1, count: 2 * RequestBuffer.limit))
        buffer.end()
        for _ in 0..<2 {
            #expect(rest(&buffer) == [1])
            #expect(!buffer.isCommitted)
            buffer.rewind()
        }
    }

    @Test func bytesThatWaitAreCounted() {
        var buffer = RequestBuffer()
        buffer.append(message(1, count: 95))
        buffer.append(message(2, count: 45))
        #expect(buffer.waitingBytes == 150)
        _ = buffer.next()
        #expect(buffer.waitingBytes == 50)
        buffer.rewind()
        #expect(buffer.waitingBytes == 150)
        _ = buffer.next()
        buffer.commit()
        buffer.rewind()
        #expect(buffer.waitingBytes == 50)
        _ = buffer.next()
        #expect(buffer.waitingBytes == 0)
        buffer.append(message(3))
        buffer.removeAll()
        #expect(buffer.waitingBytes == 0)
        #expect(rest(&buffer) == [])
    }
}
