import Addresses
import Events
import Glibc
import System
import TestSupport
import Testing
import Timing

@Suite(.timeLimit(.minutes(5))) struct SocketStreamTests {
    /// Two ends of one TCP connection over loopback. Loop thread only.
    private final class Pair {
        let client = StreamJournal()
        let server = StreamJournal()
        var clientStream: SocketStream
        var serverStream: SocketStream
        let address: SocketAddress

        init(on loop: EventLoop) async throws {
            let accepted = Journal<AcceptedConnection>()
            let listener = try Listener(on: freeLoopbackAddress(), loop: loop) { accepted.note($0) }
            address = listener.address
            clientStream = try SocketStream(connectingTo: listener.address, on: loop, delegate: client)
            let connection = await accepted.next()
            serverStream = try SocketStream(
                adopting: connection.descriptor, peer: connection.peer, on: loop, delegate: server)
            await client.wait(for: .connected)
            listener.close()
        }

        func expectClosed() {
            #expect(client.isClosed)
            #expect(server.isClosed)
            #expect(SocketCensus.count(at: address) == 0, "a socket is still open")
        }
    }

    private static func pattern(_ count: Int) -> [UInt8] {
        // A prime, so that no piece of the size of a buffer equals its neighbour; doubled, because that is fast.
        var bytes = (0..<251).map { UInt8($0) }
        while bytes.count < count { bytes += bytes }
        return Array(bytes[..<count])
    }

    @Test func aRefusedConnectionSaysWhichAddressRefused() async throws {
        try await withLoop { loop in
            let nobody = freeLoopbackAddress()
            let journal = StreamJournal()
            let stream = try SocketStream(connectingTo: nobody, on: loop, delegate: journal)
            guard case .closed(let error) = await journal.next() else {
                Issue.record("not closed")
                return
            }
            #expect(error?.description == "connect to \(nobody): Connection refused")
            #expect(stream.pendingBytes == 0)
            #expect(SocketCensus.count(at: nobody) == 0)
        }
    }

    @Test func bytesTravelBothWays() async throws {
        try await withLoop { loop in
            let pair = try await Pair(on: loop)
            pair.clientStream.write([1, 2, 3].span)
            await pair.server.waitForBytes(3)
            pair.serverStream.write([4, 5].span)
            await pair.client.waitForBytes(2)
            #expect(pair.server.received == [1, 2, 3])
            #expect(pair.client.received == [4, 5])
            #expect(pair.clientStream.peer == pair.address)
            #expect(pair.serverStream.peer == pair.clientStream.localAddress)
            pair.clientStream.close()
            pair.serverStream.close()
            pair.expectClosed()
        }
    }

    @Test func aReaderThatPausesHoldsTheWriterBackAndLosesNothing() async throws {
        try await withLoop { loop in
            let pair = try await Pair(on: loop)
            let bytes = SocketStreamTests.pattern(16 << 20)
            pair.serverStream.isReading = false
            pair.clientStream.write(bytes.span)
            try await loop.sleep(for: .milliseconds(20))
            #expect(pair.clientStream.pendingBytes > 0)
            #expect(pair.server.received.isEmpty, "received while paused")
            pair.serverStream.isReading = true
            await pair.server.waitForBytes(bytes.count)
            await pair.client.wait(for: .drained)
            #expect(pair.server.received == bytes)
            #expect(pair.clientStream.pendingBytes == 0)
            pair.clientStream.close()
            await pair.server.wait(for: .reachedEnd)
            pair.serverStream.close()
            pair.expectClosed()
        }
    }

    @Test func finishDeliversAllThatWasWritten() async throws {
        try await withLoop { loop in
            let pair = try await Pair(on: loop)
            let bytes = SocketStreamTests.pattern(8 << 20)
            pair.serverStream.isReading = false
            pair.clientStream.write(bytes.span)
            pair.clientStream.finish()
            pair.clientStream.write([9, 9, 9].span)
            try await loop.sleep(for: .milliseconds(5))
            pair.serverStream.isReading = true
            await pair.server.wait(for: .reachedEnd)
            #expect(pair.server.received == bytes)
            pair.serverStream.finish()
            await pair.client.wait(for: .closed(nil))
            await pair.server.wait(for: .closed(nil))
            pair.expectClosed()
        }
    }

    @Test func finishWaitsForASlowReaderLongerThanItLingers() async throws {
        try await withLoop { loop in
            let pair = try await Pair(on: loop)
            let bytes = SocketStreamTests.pattern(8 << 20)
            pair.serverStream.isReading = false
            pair.clientStream.write(bytes.span)
            pair.clientStream.finish()
            // Lingering, for a peer that never ends, takes a second.
            try await loop.sleep(for: .milliseconds(1300))
            pair.serverStream.isReading = true
            await pair.server.wait(for: .reachedEnd)
            #expect(pair.server.received.count == bytes.count)
            pair.serverStream.close()
            await pair.client.wait(for: .closed(nil))
            pair.expectClosed()
        }
    }

    @Test func unreadInputDoesNotCostThePeerTheLastBytes() async throws {
        try await withLoop { loop in
            let pair = try await Pair(on: loop)
            pair.clientStream.write(SocketStreamTests.pattern(256 << 10).span)
            pair.serverStream.write([7, 7, 7, 7].span)
            // A plain close with unread input would send RST, and the client could lose the four bytes.
            pair.serverStream.finish()
            await pair.client.wait(for: .reachedEnd)
            #expect(pair.client.received == [7, 7, 7, 7])
            pair.clientStream.close()
            await pair.server.wait(for: .closed(nil))
            pair.expectClosed()
        }
    }

    @Test func afterThePeersEndOneCanStillWrite() async throws {
        try await withLoop { loop in
            let pair = try await Pair(on: loop)
            pair.clientStream.write([1].span)
            pair.clientStream.endWriting()
            await pair.server.wait(for: .reachedEnd)
            pair.serverStream.write([2, 3].span)
            await pair.client.waitForBytes(2)
            #expect(!pair.client.isClosed && !pair.server.isClosed)
            pair.serverStream.finish()
            await pair.client.wait(for: .reachedEnd)
            pair.clientStream.close()
            await pair.server.wait(for: .closed(nil))
            pair.expectClosed()
        }
    }

    @Test func finishWithoutAnEndOfThePeerClosesAfterLingering() async throws {
        try await withLoop { loop in
            let pair = try await Pair(on: loop)
            // The loop's own time, which its timers go by: a turn that is held up would make them look early.
            let started = loop.now
            pair.clientStream.finish()
            await pair.client.wait(for: .closed(nil))
            #expect(loop.now - started >= .seconds(1))
            await pair.server.wait(for: .reachedEnd)
            pair.serverStream.close()
            pair.expectClosed()
        }
    }

    @Test func anAbortIsAResetToThePeer() async throws {
        try await withLoop { loop in
            let pair = try await Pair(on: loop)
            pair.clientStream.abort()
            guard case .closed(let error) = await pair.server.next() else {
                Issue.record("not closed")
                return
            }
            #expect(error?.code == ECONNRESET)
            pair.expectClosed()
        }
    }

    @Test func aResetIsNoticedWhileReadingIsPaused() async throws {
        try await withLoop { loop in
            let pair = try await Pair(on: loop)
            pair.serverStream.isReading = false
            pair.clientStream.abort()
            guard case .closed(let error) = await pair.server.next() else {
                Issue.record("not closed")
                return
            }
            #expect(error?.code == ECONNRESET)
            pair.expectClosed()
        }
    }

    @Test func theEndOfAPipeIsOrderly() async throws {
        try await withLoop { loop in
            let pipe = Pipe()
            let journal = StreamJournal()
            let stream = try SocketStream(adopting: pipe.reader, peer: nil, on: loop, delegate: journal)
            pipe.write([1, 2, 3])
            pipe.closeWriter()
            await journal.waitForBytes(3)
            await journal.wait(for: .reachedEnd)
            #expect(await journal.next() == .closed(nil))
            #expect(stream.pendingBytes == 0)
        }
    }
}
