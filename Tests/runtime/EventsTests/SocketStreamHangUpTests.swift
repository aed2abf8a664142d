import Addresses
import Events
import TestSupport
import Testing
import Timing

/// Both directions of a connection are shut: the kernel reports a hang-up, and cannot be told not to.
@Suite(.timeLimit(.minutes(5))) struct SocketStreamHangUpTests {
    @Test func whatAPausedReaderHasNotReadYetIsNotLost() async throws {
        try await withLoop { loop in
            let accepted = Journal<AcceptedConnection>()
            let listener = try Listener(on: freeLoopbackAddress(), loop: loop) { accepted.note($0) }
            let journal = StreamJournal()
            let stream = try SocketStream(connectingTo: listener.address, on: loop, delegate: journal)
            let connection = await accepted.next()
            let peerJournal = StreamJournal()
            let peer = try SocketStream(
                adopting: connection.descriptor, peer: connection.peer, on: loop, delegate: peerJournal)
            await journal.wait(for: .connected)
            listener.close()

            stream.isReading = false
            stream.endWriting()
            await peerJournal.wait(for: .reachedEnd)
            peer.write([UInt8](repeating: 7, count: 1000).span)
            peer.finish()
            await peerJournal.wait(for: .closed(nil))
            try await loop.sleep(for: .milliseconds(20))
            #expect(!journal.isClosed)
            stream.isReading = true
            await journal.wait(for: .reachedEnd)
            #expect(journal.received.count == 1000)
            try await loop.sleep(for: .milliseconds(20))
            #expect(!journal.isClosed)
            stream.close()
        }
    }
}
