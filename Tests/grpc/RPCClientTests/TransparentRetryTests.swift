import Addresses
import Events
import HTTP2
import LoadBalancing
import RPCClient
import RPCCore
import RPCTestSupport
import TestSupport
import Testing
import Timing

/// Against a server of raw HTTP/2, which counts what it is sent.
@Suite(.timeLimit(.minutes(5))) struct TransparentRetryTests {
    @Test func aRefusedCallIsSentOnceMore() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { number, peer, stream in
                if number == 1 { peer.reset(stream, .refusedStream) } else { peer.answer(stream, [8]) }
            }
            let channel = Channel.to([server.address], on: loop)
            #expect(await channel.call().reply == [8])
            #expect(server.requests.count == 2)
            #expect(server.requests.map(\.data) == [frame([1, 2, 3]), frame([1, 2, 3])])
            server.stop()
            await channel.end()
        }
    }

    @Test func andNotMoreThanOnce() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in peer.reset(stream, .refusedStream) }
            let channel = Channel.to([server.address], on: loop)
            #expect(await channel.call().error?.code == .unavailable)
            #expect(server.requests.count == 2)
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0])
            server.stop()
            await channel.end()
        }
    }

    @Test(arguments: [HTTP2ErrorCode.cancel, .internalError, .enhanceYourCalm])
    func whatMayHaveBeenProcessedIsNotSentAgain(code: HTTP2ErrorCode) async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in peer.reset(stream, code) }
            let channel = Channel.to([server.address], on: loop)
            #expect(await channel.call().error != nil)
            #expect(server.requests.count == 1)
            server.stop()
            await channel.end()
        }
    }

    @Test func aLostConnectionIsNotARefusal() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, _ in
                let lost = LoopBound(peer, on: loop)
                loop.execute { lost.value.close() }
            }
            let channel = Channel.to([server.address], on: loop)
            let error = await channel.call().error
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("\(server.address)") == true)
            #expect(server.requests.count == 1)
            server.stop()
            await channel.end()
        }
    }

    @Test func whatCannotBeSentIsNotTriedForEver() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in peer.answer(stream, [8]) }
            let channel = Channel.to([server.address], on: loop)
            var options = CallOptions(timeout: .seconds(60), waitForReady: true)
            try options.metadata.append("tracestate", String(repeating: "v", count: 80_000))
            #expect(await channel.call(TestMethods.echo, [], options).error?.code == .internal)
            #expect(await channel.call().reply == [8])
            #expect(server.requests.count == 1)
            server.stop()
            await channel.end()
        }
    }

    @Test func callsThatNeverLeftGoToTheNextConnection() async throws {
        try await withLoop { loop in
            var few = HTTP2Configuration.defaults
            few.maxConcurrentStreams = 2
            let server = try RawServer.answering(on: loop, few) { number, peer, stream in
                // The first connection answers nothing.
                if number > 2 { peer.answer(stream) }
            }
            let channel = Channel.to([server.address], on: loop)
            channel.connect()
            await poll("the first connection", on: loop) { channel.snapshot.state == .ready }
            let calls = (0..<10).map { _ in channel.start() }
            await poll("two requests", on: loop) { server.requests.count == 2 }
            server.peers[0].close()
            var failures: [RPCError] = []
            for call in calls { if let error = await call.value.error { failures.append(error) } }
            // The two that had left, and no other.
            #expect(failures.map(\.code) == [.unavailable, .unavailable])
            #expect(server.peers[1].record.streams.count == 8)
            server.stop()
            await channel.end()
        }
    }

    @Test func aGoAwayMovesWhatItDoesNotName() async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { _ in }
            let channel = Channel.to([server.address], on: loop)
            channel.connect()
            await poll("the connection", on: loop) { channel.snapshot.state == .ready }
            let first = server.peers[0]
            let seen = channel.start(TestMethods.echo, [1])
            await poll("the request", on: loop) { server.requests.first?.inputEnded == true }
            // On its way to a server that has said goodbye already.
            first.session.goAway(.noError)
            first.flush()
            let moved = channel.start(TestMethods.echo, [2])
            await server.watch.until("the second connection") { server.peers.count == 2 }
            await poll("the moved call", on: loop) { server.peers[1].record.streams.first?.inputEnded == true }
            #expect(first.record.streams.count == 1)
            server.peers[1].answer(server.peers[1].record.streams[0], [22])
            #expect(await moved.value.reply == [22])
            first.answer(first.record.streams[0], [11])
            #expect(await seen.value.reply == [11])
            server.stop()
            await channel.end()
        }
    }

    @Test func aDeadlineCoversEverySending() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { number, peer, stream in
                if number == 1 { peer.reset(stream, .refusedStream) }
            }
            let channel = Channel.to([server.address], on: loop)
            await poll("the connection", on: loop) { channel.snapshot.state == .ready }
            let error = await channel.call(TestMethods.echo, [], CallOptions(timeout: .seconds(1))).error
            #expect(error?.code == .deadlineExceeded)
            #expect(server.requests.count == 2)
            await poll("the reset", on: loop) { server.requests.last?.isClosed == true }
            #expect(server.requests.last?.closings == [.cancel])
            server.stop()
            await channel.end()
        }
    }

    @Test func aCallOnAConnectionThatBreaksAtOnceIsNotLost() async throws {
        try await withLoop { loop in
            var broken: ByteRecord?
            var sound: RawPeer?
            let listener = try Listener(on: .loopback, loop: loop) { accepted in
                if broken == nil {
                    // SETTINGS, which let the call begin, and in the same breath a PING of three bytes.
                    broken = ByteRecord(on: loop)
                    try? broken?.adopt(accepted)
                    broken?.send([0, 0, 0, 4, 0, 0, 0, 0, 0] + [0, 0, 3, 6, 0, 0, 0, 0, 0, 1, 2, 3])
                } else {
                    sound = try? RawPeer(accepted, on: loop)
                    sound?.record.requestEnded = { sound?.answer($0, [6]) }
                }
            }
            var configuration = ChannelConfiguration.quick
            // Both frames in one read, whatever other tests are put through: else the call is gone before the second.
            configuration.dialer = PlainSockets()
            let channel = Channel.to([listener.address], on: loop, configuration)
            #expect(await channel.call().reply == [6])
            #expect(sound?.record.streams.count == 1)
            listener.close()
            sound?.close()
            broken?.close()
            await channel.end()
        }
    }
}
