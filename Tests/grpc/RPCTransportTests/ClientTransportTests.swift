import Addresses
import Bytes
import Events
import HTTP2
import RPCCore
import RPCTestSupport
import RPCTransport
import TestSupport
import Testing
import Timing

@Suite(.timeLimit(.minutes(5))) struct ClientTransportTests {
    /// A transport to a raw server that does with each request what `answer` says.
    private func withTransport(
        _ configuration: HTTP2Configuration = .defaults, keepalive: KeepaliveParameters = .clientDefaults,
        answer: @escaping @Sendable (RawPeer, StreamRecord) -> Void = { peer, stream in peer.answer(stream, [9]) },
        _ body: @escaping @Sendable (EventLoop, RawServer, ClientTransport, TransportRecord) async throws -> Void
    ) async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop, configuration) { peer in
                peer.record.requestEnded = { [unowned peer] in answer(peer, $0) }
            }
            let delegate = TransportRecord(on: loop)
            let transport = try ClientTransport(
                to: server.address, context: TransportContext(on: loop), keepalive: keepalive,
                dialer: TestStreams.dialer,
                delegate: delegate)
            #expect(!transport.acceptsCalls)
            await delegate.event("ready")
            try await body(loop, server, transport, delegate)
            server.stop()
            transport.close(because: "the test is over")
            await poll("the loop is empty", on: loop) { loop.registrationCount == 0 }
            #expect(delegate.events.count { $0.hasPrefix("closed") } == 1)
        }
    }

    @Test func aCall() async throws {
        try await withTransport { loop, server, transport, delegate in
            #expect(transport.acceptsCalls)
            let call = Outcome(transport, on: loop, message: [4])
            #expect(transport.inFlight == 1)
            await call.end()
            #expect(call.reply == [9])
            #expect(server.requests.first?.data == frame([4]))
            #expect(transport.inFlight == 0)
            #expect(call.endings == 1)
        }
    }

    @Test func nobodyListens() async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { _ in }
            let address = server.address
            server.stop()
            let delegate = TransportRecord(on: loop)
            do {
                _ = try ClientTransport(
                    to: address, context: TransportContext(on: loop), dialer: TestStreams.dialer, delegate: delegate)
                await delegate.event("closed")
                #expect(delegate.events.count == 1)
                #expect(delegate.events[0].contains("\(address)"))
                #expect(delegate.events[0].contains("refused"))
            } catch let error as RPCError {
                // The kernel may say so at once.
                #expect(error.message.contains("\(address)"))
            }
        }
    }

    @Test func aResetIsMapped() async throws {
        try await withTransport(answer: { $0.reset($1, .enhanceYourCalm) }) { loop, _, transport, _ in
            let call = Outcome(transport, on: loop)
            await call.end()
            #expect(call.error?.code == .resourceExhausted)
            #expect(call.fate == .processed)
            #expect(transport.acceptsCalls)
        }
    }

    @Test func aRefusalIsTold() async throws {
        try await withTransport(answer: { $0.reset($1, .refusedStream) }) { loop, _, transport, _ in
            let call = Outcome(transport, on: loop)
            await call.end()
            #expect(call.error?.code == .unavailable)
            #expect(call.fate == .refused)
        }
    }

    @Test func aResetAfterTheHeadersIsNoRefusal() async throws {
        try await withTransport(
            answer: { peer, stream in
                guard let open = stream.stream else { return }
                peer.session.respond(open, HeaderBlock([(":status", "200"), ("content-type", "application/grpc")]))
                peer.flush()
                // In a later turn, so that the headers have left.
                let loop = peer.loop
                let record = LoopBound((peer, stream), on: loop)
                loop.execute { loop.execute { record.value.0.reset(record.value.1, .refusedStream) } }
            }
        ) { loop, _, transport, _ in
            let call = Outcome(transport, on: loop)
            await call.end()
            #expect(call.error?.code == .unavailable)
            #expect(call.fate == .processed)
        }
    }

    @Test func cancellingResetsTheStream() async throws {
        try await withTransport(answer: { _, _ in }) { loop, server, transport, _ in
            let call = Outcome(transport, on: loop)
            await poll("the request", on: loop) { server.requests.first?.inputEnded == true }
            call.call?.cancel(RPCError(.deadlineExceeded, "too late"))
            #expect(call.error == RPCError(.deadlineExceeded, "too late"))
            await poll("the reset", on: loop) { server.requests.first?.isClosed == true }
            #expect(server.requests.first?.closings == [.cancel])
            #expect(transport.inFlight == 0)
            #expect(call.endings == 1)
        }
    }

    @Test func aResetWithoutAnErrorIsOneAllTheSame() async throws {
        try await withTransport(
            answer: { peer, stream in
                guard let open = stream.stream else { return }
                peer.session.respond(open, HeaderBlock([(":status", "200"), ("content-type", "application/grpc")]))
                peer.flush()
                let loop = peer.loop
                let record = LoopBound((peer, stream), on: loop)
                loop.execute { loop.execute { record.value.0.reset(record.value.1, .noError) } }
            }
        ) { loop, _, transport, _ in
            let call = Outcome(transport, on: loop)
            await call.end()
            #expect(call.error == RPCError(.internal, "the server reset the stream with NO_ERROR before its status"))
        }
    }

    @Test func aRequestThatNoServerWouldBeSentEndsHere() async throws {
        try await withTransport { loop, server, transport, _ in
            let large = Outcome(transport, on: loop, fields: [("tracestate", String(repeating: "v", count: 80_000))])
            #expect(large.error?.code == .internal)
            #expect(large.error?.message.contains("over the limit of 16384") == true)
            // Not to be sent elsewhere either.
            #expect(large.fate == .hopeless)
            #expect(transport.acceptsCalls)
            let next = Outcome(transport, on: loop)
            await next.end()
            #expect(next.reply == [9])
            #expect(server.requests.count == 1)
        }
    }

    @Test func aLargeMessageIsCalledOff() async throws {
        try await withTransport(answer: { $0.answer($1, Array(repeating: 1, count: 1001)) }) {
            loop, server, transport, _ in
            let call = Outcome(transport, on: loop)
            await call.end()
            #expect(call.error?.code == .resourceExhausted)
            #expect(call.fate == .processed)
        }
    }

    @Test(arguments: [0, 2])
    func anythingButOneMessageIsUnimplemented(count: Int) async throws {
        try await withTransport(
            answer: { peer, stream in
                guard let open = stream.stream else { return }
                peer.session.respond(
                    open, HeaderBlock([(":status", "200"), ("content-type", "application/grpc")]),
                    body: (0..<count).flatMap { _ in frame([1]) }, trailers: HeaderBlock([("grpc-status", "0")]))
                peer.flush()
            }
        ) { loop, _, transport, _ in
            let call = Outcome(transport, on: loop)
            await call.end()
            #expect(call.error?.code == .unimplemented)
        }
    }

    @Test func aCallThatExpectsManyHandsOutEach() async throws {
        try await withTransport(
            answer: { peer, stream in
                guard let open = stream.stream else { return }
                peer.session.respond(
                    open, HeaderBlock([(":status", "200"), ("content-type", "application/grpc")]),
                    body: (0..<3).flatMap { frame([$0]) }, trailers: HeaderBlock([("grpc-status", "0")]))
                peer.flush()
            }
        ) { loop, _, transport, _ in
            let call = Outcome(transport, on: loop, expecting: .any)
            await call.end()
            #expect(call.error == nil)
            #expect(call.messages == [[0], [1], [2]])
            #expect(call.dataBytes == 18)
            #expect(call.endings == 1)
        }
    }

    @Test func aCallThatExpectsManyIsSentWhatItReleases() async throws {
        let size = 2 * Int(HTTP2Configuration.defaults.initialWindow)
        try await withTransport(
            answer: { peer, stream in
                guard let open = stream.stream else { return }
                peer.session.respond(
                    open, HeaderBlock([(":status", "200"), ("content-type", "application/grpc")]),
                    body: (0..<size / 8).flatMap { _ in frame([1, 2, 3]) },
                    trailers: HeaderBlock([("grpc-status", "0")]))
                peer.flush()
            }
        ) { loop, _, transport, _ in
            let call = Outcome(transport, on: loop, expecting: .any)
            await call.watch.until("a window") { call.dataBytes == size / 2 }
            // Nothing holds up a call beside it.
            let other = Outcome(transport, on: loop)
            await other.end()
            #expect(call.dataBytes == size / 2)
            #expect(call.endings == 0)
            call.call?.release(size / 2)
            await call.end()
            #expect(call.messages.count == size / 8)
        }
    }

    @Test func aLostConnectionEndsItsCalls() async throws {
        try await withTransport(answer: { _, _ in }) { loop, server, transport, delegate in
            let calls = (0..<3).map { _ in Outcome(transport, on: loop) }
            await poll("the requests", on: loop) { server.requests.count == 3 }
            server.peers[0].close()
            for call in calls {
                await call.end()
                #expect(call.error?.code == .unavailable)
                #expect(call.error?.message.contains("\(server.address)") == true)
                #expect(call.fate == .processed)
            }
            await delegate.event("closed")
            #expect(!transport.acceptsCalls)
            // One more, too late.
            let late = Outcome(transport, on: loop)
            #expect(late.error?.code == .unavailable)
            #expect(late.fate == .unsent)
        }
    }

    @Test func aLostConnectionInTheMidstOfAnAnswerIsUnavailable() async throws {
        try await withTransport(
            answer: { peer, stream in
                guard let open = stream.stream else { return }
                peer.session.respond(open, HeaderBlock([(":status", "200"), ("content-type", "application/grpc")]))
                peer.session.send(frame([1, 2, 3]), on: open)
                peer.flush()
            }
        ) { loop, server, transport, delegate in
            let call = Outcome(transport, on: loop)
            await poll("the request", on: loop) { server.requests.first?.inputEnded == true }
            let peer = LoopBound(server.peers[0], on: loop)
            // Once the head has left.
            loop.execute { loop.execute { peer.value.close() } }
            await call.end()
            #expect(call.error?.code == .unavailable)
            #expect(call.error?.message.contains("the peer closed the connection") == true)
            #expect(call.fate == .processed)
        }
    }

    @Test func aCallThatNeverLeft() async throws {
        var one = HTTP2Configuration.defaults
        one.maxConcurrentStreams = 1
        try await withTransport(one, answer: { _, _ in }) { loop, server, transport, _ in
            let sent = Outcome(transport, on: loop)
            let queued = Outcome(transport, on: loop)
            await poll("the request", on: loop) { server.requests.first?.inputEnded == true }
            server.peers[0].close()
            await sent.end()
            await queued.end()
            #expect(sent.fate == .processed)
            #expect(queued.error?.code == .unavailable)
            #expect(queued.fate == .unsent)
        }
    }

    @Test func aGoAwayDrains() async throws {
        try await withTransport(answer: { _, _ in }) { loop, server, transport, delegate in
            let call = Outcome(transport, on: loop)
            await poll("the request", on: loop) { server.requests.first?.inputEnded == true }
            let peer = server.peers[0]
            peer.session.announceShutdown(thenPing: 1)
            peer.flush()
            await delegate.event("draining")
            #expect(!transport.acceptsCalls)
            // The second one brings the reason, which may be anything.
            peer.session.goAway(.noError, debugData: "max_age\u{1}é" + String(repeating: "x", count: 500))
            peer.flush()
            await delegate.watch.until("two GOAWAYs") { delegate.events.count == 4 }
            let shown = "max_age???" + String(repeating: "x", count: 118)
            #expect(delegate.events == ["ready", "GOAWAY NO_ERROR", "draining", "GOAWAY NO_ERROR \"\(shown)\""])
            #expect(call.endings == 0)
            peer.answer(server.requests[0], [3])
            await call.end()
            #expect(call.reply == [3])
            await delegate.event("closed")
        }
    }

    @Test func tooManyPingsAreTold() async throws {
        let often = KeepaliveParameters(time: .milliseconds(1), timeout: .seconds(20), permitWithoutStream: true)
        try await withTransport(keepalive: often) { loop, server, _, delegate in
            await poll("a PING", on: loop) { server.peers[0].record.pings > 0 }
            server.peers[0].session.goAway(.enhanceYourCalm, debugData: "too_many_pings")
            server.peers[0].flush()
            await delegate.event("draining, too many pings")
        }
    }

    @Test func aClientThatHasSentNoPingHasNotSentTooMany() async throws {
        try await withTransport { _, server, _, delegate in
            server.peers[0].session.goAway(.enhanceYourCalm, debugData: "too_many_pings")
            server.peers[0].flush()
            await delegate.event("draining")
            #expect(!delegate.events.contains("draining, too many pings"))
        }
    }

    @Test func aGoAwayRefusesWhatItDoesNotName() async throws {
        try await withTransport(answer: { peer, stream in
            // As a server that has not looked at the request yet.
            guard stream.stream?.id == 1 else { return }
            peer.session.goAway(.noError)
            peer.flush()
        }) { loop, server, transport, delegate in
            let first = Outcome(transport, on: loop)
            await delegate.event("draining")
            let late = Outcome(transport, on: loop)
            await late.end()
            #expect(late.error?.code == .unavailable)
            #expect(late.fate == .unsent)
            server.peers[0].answer(server.requests[0], [1])
            await first.end()
            #expect(first.error == nil)
        }
    }

    @Test func drainingLetsCallsFinishThoseInTheQueueToo() async throws {
        var few = HTTP2Configuration.defaults
        few.maxConcurrentStreams = 2
        try await withTransport(few) { loop, server, transport, delegate in
            let calls = (0..<50).map { _ in Outcome(transport, on: loop) }
            transport.drain()
            #expect(!transport.acceptsCalls)
            for call in calls { await call.end() }
            #expect(calls.compactMap(\.error) == [])
            await delegate.event("closed")
            #expect(server.peers[0].record.goAways.count == 1)
        }
    }

    @Test func drainingWithoutCallsCloses() async throws {
        try await withTransport { _, server, transport, delegate in
            transport.drain()
            await delegate.event("closed")
        }
    }

    @Test func aDrainEndsWithACancelledCallToo() async throws {
        try await withTransport(answer: { _, _ in }) { loop, server, transport, delegate in
            let call = Outcome(transport, on: loop)
            await poll("the request", on: loop) { server.requests.first?.inputEnded == true }
            transport.drain()
            call.call?.cancel(RPCError(.cancelled, "enough"))
            await delegate.event("closed")
        }
    }
}
