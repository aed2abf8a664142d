import Events
import HTTP2
import LoadBalancing
import RPCClient
import RPCCore
import RPCTestSupport
import TestSupport
import Testing

/// Keeps an answer for as long as the test wants.
private final class Held {
    var replies: any ClientStream

    init(_ replies: any ClientStream) {
        self.replies = replies
    }
}

/// Server-streaming calls against a server of raw HTTP/2, which does what a good one does not.
@Suite(.timeLimit(.minutes(5))) struct StreamingWireTests {
    private static let head = HeaderBlock([(":status", "200"), ("content-type", "application/grpc")])
    private static let trailers = HeaderBlock([("grpc-status", "0")])

    private static func stream(_ peer: RawPeer, _ record: StreamRecord, _ data: [UInt8]) {
        guard let stream = record.stream else { return }
        peer.session.respond(stream, head)
        peer.session.send(data, on: stream)
        peer.flush()
    }

    /// What a client has in its memory of 10 000 messages that nobody takes is a window, to the byte.
    @Test func whatNobodyTakesStaysWithTheServer() async throws {
        try await withLoop { loop in
            let count = 10_000
            let all = (0..<count).flatMap { frame([UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 1024)) }
            let server = try RawServer.answering(on: loop) { _, peer, stream in
                guard stream.data == frame([1, 2, 3]) else { return peer.answer(stream, [9]) }
                StreamingWireTests.stream(peer, stream, all)
            }
            let channel = Channel.to([server.address], on: loop)
            // Six of them are more than the connection's window.
            let first = channel.stream()
            let others = (0..<5).map { _ in Held(channel.stream()) }
            let window = Int(HTTP2Configuration.defaults.initialWindow)
            await poll("a window each", on: loop) {
                server.requests.count == 1 + others.count
                    && server.requests.allSatisfy { $0.stream.map { all.count - $0.pendingBytes } == window }
            }
            // A call beside them is answered, and that moves none of them.
            #expect(await channel.call(TestMethods.echo, [0]).reply == [9])
            #expect(server.requests.prefix(6).allSatisfy { $0.stream.map { all.count - $0.pendingBytes } == window })
            for number in 0..<count {
                guard try await first.receive() == [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1024)
                else {
                    Issue.record("message \(number)")
                    return
                }
            }
            if let stream = server.requests[0].stream {
                server.peers[0].session.end(stream, trailers: StreamingWireTests.trailers)
                server.peers[0].flush()
            }
            #expect(try await first.receive() == nil)
            for other in others { #expect(try await other.replies.receive()?.count == 1024) }
            server.stop()
            await channel.end()
        }
    }

    @Test func eachMessageIsHandedOutAsItComes() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in
                StreamingWireTests.stream(peer, stream, frame([0]))
            }
            let channel = Channel.to([server.address], on: loop)
            let replies = channel.stream()
            #expect(try await replies.receive() == [0])
            let peer = server.peers[0]
            let down = try #require(server.requests[0].stream)
            for number in 1..<10 as Range<UInt8> {
                peer.session.send(frame([number]), on: down)
                peer.flush()
                #expect(try await replies.receive() == [number])
            }
            peer.session.end(down, trailers: StreamingWireTests.trailers)
            peer.flush()
            #expect(try await replies.receive() == nil)
            server.stop()
            await channel.end()
        }
    }

    @Test func aMessageLongerThanTheWindow() async throws {
        try await withLoop { loop in
            let message = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 >> 4) }
            let server = try RawServer.answering(on: loop) { _, peer, stream in
                StreamingWireTests.stream(peer, stream, frame([1]) + frame(message) + frame([2]))
            }
            let channel = Channel.to([server.address], on: loop)
            let replies = channel.stream()
            #expect(try await replies.receive() == [1])
            #expect(try await replies.receive() == message)
            #expect(try await replies.receive() == [2])
            server.stop()
            await channel.end()
        }
    }

    @Test func aMessageOverTheLimitEndsTheCall() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in
                StreamingWireTests.stream(peer, stream, frame([1]) + [0, 0, 1, 0, 0])
            }
            var configuration = ChannelConfiguration.quick
            configuration.maxMessageBytes = 1000
            let channel = Channel.to([server.address], on: loop, configuration)
            let replies = channel.stream()
            #expect(try await replies.receive() == [1])
            #expect(await replies.error()?.code == .resourceExhausted)
            await poll("the reset", on: loop) { server.requests[0].isClosed }
            #expect(server.requests[0].closings == [.cancel])
            server.stop()
            await channel.end()
        }
    }

    @Test func leavingEarlyIsACancel() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in
                StreamingWireTests.stream(peer, stream, frame([1]))
            }
            let channel = Channel.to([server.address], on: loop)
            func leave() async throws {
                let replies = channel.stream()
                #expect(try await replies.receive() == [1])
            }
            try await leave()
            await poll("the reset", on: loop) { server.requests[0].isClosed }
            #expect(server.requests[0].closings == [.cancel])
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0])
            server.stop()
            await channel.end()
        }
    }

    @Test func aRefusedCallIsSentOnceMore() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { number, peer, stream in
                if number == 2 { peer.answer(stream, [8]) } else { peer.reset(stream, .refusedStream) }
            }
            let channel = Channel.to([server.address], on: loop)
            let replies = channel.stream()
            #expect(try await replies.receive() == [8])
            #expect(try await replies.receive() == nil)
            #expect(server.requests.map(\.data) == [frame([1, 2, 3]), frame([1, 2, 3])])
            // And not more than once.
            let unlucky = channel.stream()
            #expect(await unlucky.error()?.code == .unavailable)
            #expect(server.requests.count == 4)
            server.stop()
            await channel.end()
        }
    }

    @Test func afterTheHeadersNothingIsSentAgain() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in
                guard let open = stream.stream else { return }
                peer.session.respond(open, StreamingWireTests.head)
                peer.flush()
                // In a later turn, so that the headers have left.
                let record = LoopBound((peer, stream), on: loop)
                loop.execute { loop.execute { record.value.0.reset(record.value.1, .refusedStream) } }
            }
            let channel = Channel.to([server.address], on: loop)
            let replies = channel.stream()
            #expect(await replies.error()?.code == .unavailable)
            #expect(server.requests.count == 1)
            server.stop()
            await channel.end()
        }
    }

    @Test func callsThatNeverLeftGoToTheNextConnection() async throws {
        try await withLoop { loop in
            var one = HTTP2Configuration.defaults
            one.maxConcurrentStreams = 1
            let server = try RawServer.answering(on: loop, one) { number, peer, stream in
                if number > 1 { peer.answer(stream, [5]) }
            }
            let channel = Channel.to([server.address], on: loop)
            channel.connect()
            await poll("the first connection", on: loop) { channel.snapshot.state == .ready }
            let sent = channel.stream()
            let waiting = channel.stream()
            await poll("a request", on: loop) { server.requests.first?.inputEnded == true }
            server.peers[0].close()
            #expect(await sent.error()?.code == .unavailable)
            #expect(try await waiting.receive() == [5])
            #expect(try await waiting.receive() == nil)
            server.stop()
            await channel.end()
        }
    }

    @Test func aLostConnectionComesAfterTheMessages() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in
                StreamingWireTests.stream(peer, stream, frame([1]) + frame([2]) + [0, 0])
            }
            let channel = Channel.to([server.address], on: loop)
            let replies = channel.stream()
            #expect(try await replies.receive() == [1])
            server.peers[0].close()
            await poll("the loss", on: loop) { channel.snapshot.subchannels.map(\.inFlight) == [0] }
            #expect(try await replies.receive() == [2])
            let error = await replies.error()
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("\(server.address)") == true)
            server.stop()
            await channel.end()
        }
    }
}
