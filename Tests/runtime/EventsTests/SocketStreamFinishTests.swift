import Addresses
import Events
import Glibc
import System
import TestSupport
import Testing
import Timing

/// How a stream ends that still has output for a peer that is slow.
@Suite(.timeLimit(.minutes(5))) struct SocketStreamFinishTests {
    /// More than the kernel's buffers hold on loopback.
    private static let large = [UInt8](repeating: 7, count: 16 << 20)
    /// For one who reads 200 KiB every 20 ms, for two seconds.
    private static let larger = [UInt8](repeating: 7, count: 64 << 20)

    /// Two ends of one TCP connection, of which the client does not read yet. Loop thread only.
    private static func pair(
        on loop: EventLoop
    ) async throws -> (client: (SocketStream, StreamJournal), server: (SocketStream, StreamJournal)) {
        let accepted = Journal<AcceptedConnection>()
        let listener = try Listener(on: freeLoopbackAddress(), loop: loop) { accepted.note($0) }
        let journals = (StreamJournal(), StreamJournal())
        let client = try SocketStream(connectingTo: listener.address, on: loop, delegate: journals.0)
        let connection = await accepted.next()
        let server = try SocketStream(
            adopting: connection.descriptor, peer: connection.peer, on: loop, delegate: journals.1)
        await journals.0.wait(for: .connected)
        listener.close()
        client.isReading = false
        return ((client, journals.0), (server, journals.1))
    }

    @Test func aPeerThatEndsItsOutputMeanwhileStillGetsEverything() async throws {
        try await withLoop { loop in
            let ((client, clientJournal), (server, serverJournal)) = try await Self.pair(on: loop)
            server.write(Self.large.span)
            server.finish()
            // The FIN is there before the client has read a byte.
            client.endWriting()
            client.isReading = true
            await clientJournal.wait(for: .reachedEnd)
            #expect(clientJournal.received.count == Self.large.count)
            client.close()
            await serverJournal.wait(for: .closed(nil))
        }
    }

    @Test func aPeerThatHadEndedItsOutputBeforeGetsEverything() async throws {
        try await withLoop { loop in
            let ((client, clientJournal), (server, serverJournal)) = try await Self.pair(on: loop)
            client.endWriting()
            await serverJournal.wait(for: .reachedEnd)
            server.write(Self.large.span)
            server.finish()
            client.isReading = true
            await clientJournal.wait(for: .reachedEnd)
            #expect(clientJournal.received.count == Self.large.count)
            client.close()
            await serverJournal.wait(for: .closed(nil))
        }
    }

    @Test func aPeerThatTakesNothingIsCutOffAndLearnsThatSomethingIsMissing() async throws {
        try await withLoop { loop in
            let ((client, clientJournal), (server, serverJournal)) = try await Self.pair(on: loop)
            server.finishTime = .milliseconds(100)
            server.write(Self.large.span)
            server.finish()
            #expect(await serverJournal.next() == .closed(SystemError("finish", code: ETIMEDOUT)))
            client.isReading = true
            guard case .closed(let error) = await clientJournal.next() else {
                Issue.record("it looks like an orderly end")
                return
            }
            #expect(error?.isConnectionReset == true)
        }
    }

    @Test(arguments: [true, false])
    func aPeerThatIsGoneIsAnError(endedBefore: Bool) async throws {
        try await withLoop { loop in
            let ((client, _), (server, serverJournal)) = try await Self.pair(on: loop)
            if endedBefore {
                client.endWriting()
                await serverJournal.wait(for: .reachedEnd)
            }
            server.write(Self.large.span)
            server.finish()
            client.abort()
            guard case .closed(let error) = await serverJournal.next() else {
                Issue.record("not closed")
                return
            }
            // EPIPE where the kernel had seen the peer's FIN before.
            #expect(error.map { [ECONNRESET, EPIPE].contains($0.code) } == true)
        }
    }

    /// Over a socket pair, whose buffers are small and whose writer gets on whenever they are read.
    @Test func whoGoesOnReadingHasAsLongAsItTakes() async throws {
        try await withLoop { loop in
            var ends: [Int32] = [-1, -1]
            let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            try #require(unsafe socketpair(AF_UNIX, type, 0, &ends) == 0)
            let reader = ends[1]
            defer { close(reader) }
            let journal = StreamJournal()
            let stream = try SocketStream(adopting: ends[0], peer: nil, on: loop, delegate: journal)
            let limit = Duration.seconds(1)
            stream.finishTime = limit
            stream.write(Self.larger.span)
            let began = loop.now
            stream.finish()
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            var progress = began
            while loop.now - began < limit * 2 {
                let before = stream.pendingBytes
                while unsafe read(reader, &buffer, buffer.count) > 0 {}
                // Not an event: what has to pass is time, in which the peer is slow and not dead.
                try await loop.sleep(for: .milliseconds(20))
                if journal.isClosed {
                    // It is right where this machine stood still for so long, and only there.
                    #expect(loop.now - progress > limit / 2, "closed \(loop.now - began) after finish()")
                    return
                }
                if stream.pendingBytes < before { progress = loop.now }
            }
            #expect(stream.pendingBytes > 0)
            while !journal.isClosed {
                while unsafe read(reader, &buffer, buffer.count) > 0 {}
                try await loop.sleep(for: .milliseconds(1))
            }
            #expect(await journal.next() == .closed(nil))
        }
    }
}
