import Addresses
import Events
import HTTP2
import RPCClient
import RPCCore
import RPCTestSupport
import RPCTransport
import System
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ClientTracerTests {
    @Test func aTracerMayEndTheCallThatItHearsOf() async throws {
        try await withLoop { loop in
            let tracer = ClientTracerRecord()
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop, tracers: [tracer])
            let call = channel.start()
            tracer.interfere = { call.cancel() }
            resolver.find([freeLoopbackAddress()])
            #expect(await call.value.error?.code == .cancelled)
            #expect(
                tracer.take().filter { $0 != "not connected" } == [
                    "attempt of Echo", "attempt ended CANCELLED", "call of Echo ended CANCELLED",
                ])
            await channel.end()
        }
    }

    @Test func aTracerMayEndTheCallThatIsAboutToBeSent() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in peer.answer(stream, [8]) }
            let tracer = ClientTracerRecord()
            let channel = Channel.to([server.address], on: loop, tracers: [tracer])
            let call = channel.start()
            tracer.interfereSending = { call.cancel() }
            #expect(await call.value.error?.code == .cancelled)
            #expect(tracer.events.suffix(2) == ["attempt ended CANCELLED", "call of Echo ended CANCELLED"])
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0])
            // Nothing of it was sent.
            tracer.interfereSending = {}
            #expect(await channel.call(TestMethods.echo, [5]).reply == [8])
            #expect(server.requests.map(\.data) == [frame([5])])
            server.stop()
            await channel.end()
        }
    }

    /// What it says when the call begins comes before there is anything of a call.
    @Test func aTracerMayCancelTheTaskOfACallThatBegins() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in peer.answer(stream, [8]) }
            let tracer = ClientTracerRecord()
            let channel = Channel.to([server.address], on: loop, tracers: [tracer])
            var task: Task<StatusCode?, Never>?
            tracer.interfereBeginning = { task?.cancel() }
            let bound = LoopBound(channel, on: loop)
            task = Task(executorPreference: loop) {
                let options = CallOptions(timeout: .seconds(60))
                return await bound.value.call(TestMethods.echo, [5], options).error?.code
            }
            #expect(await task?.value == .cancelled)
            #expect(tracer.events == ["call of Echo ended CANCELLED"])
            #expect(server.requests.isEmpty)
            server.stop()
            await channel.end()
        }
    }

    @Test func aTracerMayEndTheCallWhoseMessageHasArrived() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in peer.answer(stream, [8]) }
            let tracer = ClientTracerRecord()
            let channel = Channel.to([server.address], on: loop, tracers: [tracer])
            let call = channel.start()
            tracer.interfereReceiving = { call.cancel() }
            #expect(await call.value.error?.code == .cancelled)
            #expect(tracer.details.last == "received 1")
            #expect(tracer.events.suffix(2) == ["attempt ended CANCELLED", "call of Echo ended CANCELLED"])
            server.stop()
            await channel.end()
        }
    }

    /// A reply that cannot be expanded is none, for whoever counts, too.
    @Test func aTracerHearsOfAReplyThatCannotBeExpanded() async throws {
        try await withLoop { loop in
            let head = HeaderBlock([
                (":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", "gzip"),
            ])
            let server = try RawServer.answering(on: loop) { _, peer, stream in
                guard let open = stream.stream else { return }
                var bad = frame([1, 2, 3])
                bad[0] = 1
                peer.session.respond(open, head, body: bad, trailers: HeaderBlock([("grpc-status", "0")]))
                peer.flush()
            }
            let tracer = ClientTracerRecord()
            let channel = Channel.to([server.address], on: loop, tracers: [tracer])
            #expect(await channel.call(TestMethods.echo, [5]).error?.code == .internal)
            #expect(tracer.events.suffix(2) == ["attempt ended INTERNAL", "call of Echo ended INTERNAL"])
            server.stop()
            await channel.end()
        }
    }

    @Test func aCallIsOneAttempt() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let tracers = [ClientTracerRecord(), ClientTracerRecord()]
            let channel = Channel.to(fleet.addresses, on: loop, tracers: tracers)
            #expect(await channel.call(TestMethods.echo, [UInt8](repeating: 1, count: 1000)).reply?.count == 1000)
            for tracer in tracers {
                #expect(
                    tracer.take() == [
                        "attempt of Echo", "connected", "attempt ended OK", "call of Echo ended OK",
                    ])
                let attempt = try #require(tracer.attempts.first)
                #expect(attempt.sentMessageBytes == 1000)
                #expect(attempt.receivedMessageBytes == 1000)
                #expect(attempt.duration > .zero)
                #expect(tracer.callDurations[0] >= attempt.duration)
            }
            channel.shutdown()
            #expect(tracers[0].take() == ["disconnected: subchannel shutdown"])
            await fleet.stop()
            await channel.end()
            #expect(tracers[0].take() == [])
        }
    }

    @Test func whatPassesInAnAttempt() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let tracer = ClientTracerRecord()
            let channel = Channel.to(fleet.addresses, on: loop, tracers: [tracer])
            #expect(await channel.call(TestMethods.echo, [1, 2]).reply == [1, 2])
            #expect(tracer.details == ["to \(fleet.addresses[0])", "sent 2", "head", "received 2"])
            await fleet.stop()
            await channel.end()
        }
    }

    /// A span's own traceparent takes the place of the caller's, on every attempt.
    @Test func aTracerAddsMetadata() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { number, peer, stream in
                if number == 1 { peer.reset(stream, .refusedStream) } else { peer.answer(stream, [8]) }
            }
            let tracer = ClientTracerRecord()
            try tracer.added.append("traceparent", "span")
            let channel = Channel.to([server.address], on: loop, tracers: [tracer])
            var options = CallOptions()
            try options.metadata.append("traceparent", "caller")
            try options.metadata.append("x-other", "1")
            #expect(await channel.call(TestMethods.echo, [1], options).reply == [8])
            #expect(tracer.metadata == [options.metadata])
            for request in server.requests {
                #expect(request.blocks[0].filter { $0.hasPrefix("traceparent") } == ["traceparent: span"])
                #expect(request.value(of: "x-other") == "1")
            }
            // Nothing of it stays in the head of the next call.
            tracer.added = Metadata()
            #expect(await channel.call().reply == [8])
            #expect(server.requests.last?.value(of: "traceparent") == nil)
            server.stop()
            await channel.end()
        }
    }

    @Test func aTracerThatDoesNotWantToHearOfACall() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let tracers = [ClientTracerRecord(), ClientTracerRecord()]
            tracers[0].isCurious = false
            let channel = Channel.to(fleet.addresses, on: loop, tracers: tracers)
            #expect(await channel.call().reply == [1, 2, 3])
            #expect(tracers[0].take() == ["connected"])
            #expect(tracers[1].take().last == "call of Echo ended OK")
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func noAttemptBeforeTheTargetIsResolved() async throws {
        try await withLoop { loop in
            let resolver = FakeResolver()
            let tracer = ClientTracerRecord()
            let channel = Channel.to(resolver, on: loop, tracers: [tracer])
            #expect(await channel.call(options: .milliseconds(10)).error?.code == .deadlineExceeded)
            #expect(tracer.take() == ["call of Echo ended DEADLINE_EXCEEDED"])
            #expect(tracer.callDurations.count == 1)
            let call = channel.start()
            resolver.fail("no such name")
            _ = await call.value
            #expect(
                tracer.take() == [
                    "attempt of Echo", "attempt ended UNAVAILABLE", "call of Echo ended UNAVAILABLE",
                ])
            #expect(tracer.attempts.map(\.sentMessageBytes) == [0])
            await channel.end()
        }
    }

    @Test func anAttemptWaitsForAConnection() async throws {
        try await withLoop { loop in
            let resolver = FakeResolver()
            let tracer = ClientTracerRecord()
            var slow = ChannelConfiguration.quick
            slow.backoff.base = .seconds(1000)
            slow.backoff.maximum = .seconds(1000)
            let channel = Channel.to(resolver, on: loop, slow, tracers: [tracer])
            let call = channel.start(
                TestMethods.echo, [1], CallOptions(timeout: .seconds(1), waitForReady: true))
            resolver.find([freeLoopbackAddress()])
            #expect(await call.value.error?.code == .deadlineExceeded)
            #expect(
                Set(tracer.take()) == [
                    "attempt of Echo", "not connected", "attempt ended DEADLINE_EXCEEDED",
                    "call of Echo ended DEADLINE_EXCEEDED",
                ])
            #expect(tracer.attempts.map(\.sentMessageBytes) == [0])
            await channel.end()
            #expect(tracer.take() == [])
        }
    }

    @Test func aTransparentRetryIsAnotherAttempt() async throws {
        try await withLoop { loop in
            var count = 0
            let server = try RawServer(on: loop) { peer in
                peer.record.requestEnded = { [unowned peer] stream in
                    count += 1
                    if count == 1 { peer.reset(stream, .refusedStream) } else { peer.answer(stream, [8, 8]) }
                }
            }
            let tracer = ClientTracerRecord()
            let channel = Channel.to([server.address], on: loop, tracers: [tracer])
            #expect(await channel.call().reply == [8, 8])
            #expect(
                tracer.take() == [
                    "attempt of Echo", "connected", "attempt ended UNAVAILABLE", "attempt of Echo",
                    "attempt ended OK", "call of Echo ended OK",
                ])
            #expect(tracer.attempts.map(\.sentMessageBytes) == [3, 3])
            #expect(tracer.attempts.map(\.receivedMessageBytes) == [0, 2])
            server.stop()
            await channel.end()
        }
    }

    @Test func cancellingEndsTheAttemptToo() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let tracer = ClientTracerRecord()
            let channel = Channel.to(fleet.addresses, on: loop, tracers: [tracer])
            let call = channel.start(TestMethods.wait)
            await fleet.gate.arrival()
            call.cancel()
            _ = await call.value
            #expect(
                tracer.take() == [
                    "attempt of Wait", "connected", "attempt ended CANCELLED", "call of Wait ended CANCELLED",
                ])
            #expect(tracer.attempts.map(\.sentMessageBytes) == [3])
            await fleet.stop(grace: .zero)
            await channel.end()
        }
    }

    /// The first reason counts, and a connection is lost once.
    @Test func whyAConnectionWasLost() async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { _ in }
            let tracer = ClientTracerRecord()
            let channel = Channel.to([server.address], on: loop, tracers: [tracer])
            await tracer.seen("connected", on: loop)
            server.peers[0].session.goAway(.enhanceYourCalm, debugData: "slow down")
            server.peers[0].flush()
            await tracer.seen("disconnected: GOAWAY ENHANCE_YOUR_CALM", on: loop)
            server.peers[0].close()
            await poll("the next connection", on: loop) { server.peers.count == 2 }
            await poll("it is ready", on: loop) { tracer.events.count { $0 == "connected" } == 2 }
            server.peers[1].close()
            await tracer.seen("disconnected: unknown", on: loop)
            #expect(
                tracer.take().prefix(4) == [
                    "connected", "disconnected: GOAWAY ENHANCE_YOUR_CALM", "connected", "disconnected: unknown",
                ])
            server.stop()
            await channel.end()
        }
    }

    @Test func aServerThatAnswersNoKeepaliveTimesOut() async throws {
        try await withLoop { loop in
            let line = ByteRecord(on: loop)
            let listener = try Listener(on: .loopback, loop: loop) { accepted in
                try? line.adopt(accepted)
                line.send([0, 0, 0, 4, 0, 0, 0, 0, 0])
            }
            var configuration = ChannelConfiguration.quick
            configuration.keepalive.time = .milliseconds(20)
            configuration.keepalive.timeout = .milliseconds(20)
            configuration.keepalive.permitWithoutStream = true
            let tracer = ClientTracerRecord()
            let channel = Channel.to([listener.address], on: loop, configuration, tracers: [tracer])
            await tracer.seen("disconnected: connection timed out", on: loop)
            listener.close()
            line.close()
            await channel.end()
        }
    }

    @Test(arguments: [
        (DisconnectError.goAway(.noError), "GOAWAY NO_ERROR"),
        (.goAway(HTTP2ErrorCode(rawValue: 0xdead)), "unknown"),
        (.connectionReset, "connection reset"), (.connectionTimedOut, "connection timed out"),
        (.connectionAborted, "connection aborted"), (.socketError, "socket error"),
        (.subchannelShutdown, "subchannel shutdown"), (.unknown, "unknown"),
        (DisconnectError(.connectionReset), "connection reset"),
        (DisconnectError(SystemError("read", code: 110)), "connection timed out"),
        (DisconnectError(SystemError("read", code: 103)), "connection aborted"),
        (DisconnectError(SystemError("write", code: 32)), "socket error"),
    ])
    func labels(error: DisconnectError, label: String) {
        #expect(error.label == label)
    }
}

extension Channel {
    fileprivate func call(options timeout: Duration) async -> Result<[UInt8], RPCError> {
        await call(TestMethods.echo, [1], CallOptions(timeout: timeout))
    }
}
