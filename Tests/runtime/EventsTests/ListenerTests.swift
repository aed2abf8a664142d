import Addresses
import Events
import Glibc
import System
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ListenerTests {
    @Test func portZeroBecomesARealPort() async throws {
        try await withLoop { loop in
            let listener = try Listener(on: .ip(.v4(0x7f00_0001), port: 0), loop: loop) { $0.discard() }
            #expect(listener.address.port.map { $0 > 0 } == true)
            #expect(listener.address.ip == .v4(0x7f00_0001))
            #expect(SocketCensus.count(at: listener.address) == 1)
            listener.close()
            #expect(SocketCensus.count(at: listener.address) == 0)
        }
    }

    @Test func anAddressInUseIsAnErrorThatNamesIt() async throws {
        try await withLoop { loop in
            let first = try Listener(on: freeLoopbackAddress(), loop: loop) { $0.discard() }
            let error = #expect(throws: SystemError.self) {
                try Listener(on: first.address, loop: loop) { $0.discard() }
            }
            #expect(error?.isAddressInUse == true)
            #expect(error?.description == "listen on \(first.address): Address already in use")
            first.close()
        }
    }

    @Test func aPausedListenerLetsConnectionsWait() async throws {
        try await withLoop { loop in
            let accepted = Journal<AcceptedConnection>()
            let listener = try Listener(on: freeLoopbackAddress(), loop: loop) { accepted.note($0) }
            listener.isPaused = true
            let client = StreamJournal()
            let stream = try SocketStream(connectingTo: listener.address, on: loop, delegate: client)
            await client.wait(for: .connected)
            try await loop.sleep(for: .milliseconds(5))
            #expect(accepted.isEmpty)
            listener.isPaused = false
            let connection = await accepted.next()
            #expect(connection.peer == stream.localAddress)
            connection.discard()
            stream.close()
            listener.close()
        }
    }

    @Test func aClosedListenerRefuses() async throws {
        try await withLoop { loop in
            let listener = try Listener(on: freeLoopbackAddress(), loop: loop) { $0.discard() }
            listener.close()
            let client = StreamJournal()
            let stream = try SocketStream(connectingTo: listener.address, on: loop, delegate: client)
            guard case .closed(let error) = await client.next() else {
                Issue.record("not closed")
                return
            }
            #expect(error?.code == ECONNREFUSED)
            stream.close()
        }
    }

    @Test func aUnixSocketIsForItsOwnerOnlyAndCarriesBytes() async throws {
        try await withLoop { loop in
            let directory = TemporaryDirectory()
            let path = "\(directory.path)/socket"
            let accepted = Journal<AcceptedConnection>()
            let listener = try Listener(on: .unix(path: path), loop: loop) { accepted.note($0) }
            #expect(try FileSystem.entry(at: path)?.mode == 0o600)
            let client = StreamJournal()
            let stream = try SocketStream(connectingTo: .unix(path: path), on: loop, delegate: client)
            let server = StreamJournal()
            let connection = await accepted.next()
            #expect(connection.peer == nil)
            let serverStream = try SocketStream(
                adopting: connection.descriptor, peer: nil, on: loop, delegate: server)
            await client.wait(for: .connected)
            stream.write([1, 2, 3].span)
            await server.waitForBytes(3)
            stream.close()
            await server.wait(for: .reachedEnd)
            // Nothing more can be said to anybody: the stream ends by itself, and in order.
            #expect(await server.next() == .closed(nil))
            #expect(serverStream.pendingBytes == 0)
            listener.close()
            directory.remove()
        }
    }

    @Test func aPathThatIsTooLongIsAnError() async throws {
        try await withLoop { loop in
            let path = "/tmp/" + String(repeating: "x", count: 200)
            let error = #expect(throws: SystemError.self) {
                try Listener(on: .unix(path: path), loop: loop) { $0.discard() }
            }
            #expect(error?.code == ENAMETOOLONG)
        }
    }
}
