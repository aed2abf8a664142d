import Events
import HTTP2
import LoadBalancing
import RPCClient
import RPCCore
import RPCTestSupport
import TestSupport
import Testing
import Timing

/// What a service config makes of calls, against a server of raw HTTP/2 that counts what it is sent.
@Suite(.timeLimit(.minutes(5))) struct ServiceConfigCallTests {
    private static let retry = """
        "retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.001s", "maxBackoff": "0.002s", "backoffMultiplier": 2,
                        "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"]}
        """

    private func configuration(_ text: String) throws -> ChannelConfiguration {
        var configuration = ChannelConfiguration.quick
        configuration.serviceConfig = try ServiceConfig(text: text)
        return configuration
    }

    private func configuration(ofAll members: String, _ more: String = "") throws -> ChannelConfiguration {
        try configuration(#"{"methodConfig": [{"name": [{}], \#(members)}]\#(more)}"#)
    }

    /// For more channels than one.
    private func shared(_ configuration: ChannelConfiguration) -> ChannelConfiguration {
        var configuration = configuration
        configuration.retryThrottle = configuration.serviceConfig.retryThrottling.map { RetryThrottle($0) }
        return configuration
    }

    /// Runs `body` with a server that does `answer` with the n-th request, and a channel to it.
    private func withServer(
        _ configuration: ChannelConfiguration, _ answer: @escaping @Sendable (Int, RawPeer, StreamRecord) -> Void,
        _ body: @escaping @Sendable (EventLoop, RawServer, Channel) async throws -> Void
    ) async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop, .defaults, answer)
            let channel = Channel.to([server.address], on: loop, configuration)
            try await body(loop, server, channel)
            server.stop()
            await channel.end()
        }
    }

    // MARK: Limits

    @Test(arguments: [(nil, "10ms, the service config's timeout"), (1, "1ms"), (60_000, "10ms, the service config's")])
    func ofTwoTimeoutsTheSmallerCounts(own: Int64?, message: String) async throws {
        try await withServer(configuration(ofAll: #""timeout": "0.01s""#), { _, _, _ in }) { loop, server, channel in
            let options = CallOptions(timeout: own.map { .milliseconds($0) })
            let error = await channel.call(TestMethods.echo, [1], options).error
            #expect(error?.code == .deadlineExceeded)
            #expect(error?.message.contains("no answer within \(message)") == true, "\(String(describing: error))")
        }
    }

    @Test func theServerIsToldOfTheConfigsTimeout() async throws {
        let answer = { @Sendable (_: Int, peer: RawPeer, stream: StreamRecord) in peer.answer(stream, [8]) }
        try await withServer(configuration(ofAll: #""timeout": "7200s""#), answer) { loop, server, channel in
            #expect(await channel.call().reply == [8])
            // Eight digits of the finest unit.
            let text = try #require(server.requests.first?.value(of: "grpc-timeout"))
            #expect(text.hasSuffix("u") || text.hasSuffix("m"), "\(text)")
        }
    }

    @Test func waitingForReadyIsTheConfigsUnlessTheCallSaysOtherwise() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in peer.answer(stream, [8]) }
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop, try configuration(ofAll: #""waitForReady": true"#))
            channel.connect()
            resolver.fail("no such name")
            let patient = channel.start()
            let impatient = CallOptions(waitForReady: false)
            #expect(await channel.call(TestMethods.echo, [], impatient).error?.code == .unavailable)
            #expect(channel.snapshot.queued == 1)
            resolver.find([server.address])
            #expect(await patient.value.reply == [8])
            server.stop()
            await channel.end()
        }
    }

    @Test func aRequestOverTheLimitIsNotSent() async throws {
        let configuration = try configuration(ofAll: #""maxRequestMessageBytes": 3, \#(ServiceConfigCallTests.retry)"#)
        let answer = { @Sendable (_: Int, peer: RawPeer, stream: StreamRecord) in peer.answer(stream, [8]) }
        try await withServer(configuration, answer) { loop, server, channel in
            let error = await channel.call(TestMethods.echo, [1, 2, 3, 4]).error
            #expect(error?.code == .resourceExhausted)
            #expect(error?.message == "a message of 4 bytes is over the limit of 3 bytes for requests")
            #expect(await channel.call(TestMethods.echo, [1, 2, 3]).reply == [8])
            // Although the policy names the status.
            #expect(server.requests.count == 1)
        }
    }

    @Test func anAnswerOverTheLimitIsRefused() async throws {
        let configuration = try configuration(ofAll: #""maxResponseMessageBytes": 3, \#(ServiceConfigCallTests.retry)"#)
        let answer = { @Sendable (number: Int, peer: RawPeer, stream: StreamRecord) in
            peer.answer(stream, [UInt8](repeating: 8, count: number == 1 ? 4 : 3))
        }
        try await withServer(configuration, answer) { loop, server, channel in
            #expect(await channel.call().error?.code == .resourceExhausted)
            #expect(await channel.call().reply == [8, 8, 8])
            #expect(server.requests.count == 2)
        }
    }

    // MARK: Retries

    @Test func aStreamIsSentAgainAsAWhole() async throws {
        let configuration = try configuration(ofAll: ServiceConfigCallTests.retry)
        let answer = { @Sendable (number: Int, peer: RawPeer, stream: StreamRecord) in
            if number < 3 { peer.fail(stream, .unavailable) } else { peer.answer(stream, [8]) }
        }
        try await withServer(configuration, answer) { loop, server, channel in
            let method = MethodDescriptor(service: "test.Service", method: "Gather", type: .clientStreaming)
            let stream = channel.stream(method)
            for byte in UInt8(1)...3 { try await stream.send(OutgoingMessage(copying: [byte].span)) }
            stream.finishSending()
            #expect(try await stream.receive() == [8])
            #expect(server.requests.map(\.data) == [[UInt8]](repeating: frame([1]) + frame([2]) + frame([3]), count: 3))
            #expect(server.requests.map { $0.value(of: "grpc-previous-rpc-attempts") } == [nil, "1", "2"])
        }
    }

    /// Room for one of them and a half: the second one is sent once, whatever its policy says.
    @Test func aChannelKeepsSoMuchForAllItsStreams() async throws {
        var configuration = try configuration(ofAll: ServiceConfigCallTests.retry)
        configuration.retryBufferBytes = 3_000
        let answer = { @Sendable (_: Int, peer: RawPeer, stream: StreamRecord) in peer.fail(stream, .unavailable) }
        try await withServer(configuration, answer) { loop, server, channel in
            let method = MethodDescriptor(service: "test.Service", method: "Gather", type: .clientStreaming)
            let message = [UInt8](repeating: 1, count: 1_000)
            func begin() async throws -> any ClientStream {
                let stream = channel.stream(method)
                for _ in 0..<2 { try await stream.send(OutgoingMessage(copying: message.span)) }
                return stream
            }
            func attempts(_ stream: any ClientStream) async -> Int {
                let before = server.requests.count
                stream.finishSending()
                await #expect(throws: RPCError.self) { _ = try await stream.receive() }
                return server.requests.count - before + 1
            }
            let first = try await begin()
            await poll("the first", on: loop) { server.requests.count == 1 }
            let second = try await begin()
            await poll("the second", on: loop) { server.requests.count == 2 }
            #expect(await attempts(second) == 1)
            #expect(await attempts(first) == 4)
            // The room has been given back.
            let third = try await begin()
            await poll("the third", on: loop) { server.requests.count == 6 }
            #expect(await attempts(third) == 4)
        }
    }

    @Test func whatHasBegunToBeAnsweredIsNotSentAgain() async throws {
        let configuration = try configuration(ofAll: ServiceConfigCallTests.retry)
        let answer = { @Sendable (_: Int, peer: RawPeer, stream: StreamRecord) in
            guard let open = stream.stream else { return }
            peer.session.respond(
                open, HeaderBlock([(":status", "200"), ("content-type", "application/grpc")]), body: [],
                trailers: HeaderBlock([("grpc-status", "14")]))
            peer.flush()
        }
        try await withServer(configuration, answer) { loop, server, channel in
            #expect(await channel.call().error?.code == .unavailable)
            #expect(server.requests.count == 1)
        }
    }

    @Test(arguments: [("-1", 1), ("x", 1), ("0", 4), ("1", 4)])
    func theServerSaysWhetherAndWhen(pushback: String, attempts: Int) async throws {
        let configuration = try configuration(ofAll: ServiceConfigCallTests.retry)
        let answer = { @Sendable (_: Int, peer: RawPeer, stream: StreamRecord) in
            peer.fail(stream, .unavailable, [("grpc-retry-pushback-ms", pushback)])
        }
        try await withServer(configuration, answer) { loop, server, channel in
            #expect(await channel.call().error?.code == .unavailable)
            #expect(server.requests.count == attempts)
        }
    }

    /// 4 tokens: the first failure leaves 3, the second 2, which is no more than half of them.
    @Test func whileTokensAreFewNothingIsTriedAgain() async throws {
        let configuration = try shared(
            configuration(
                ofAll: ServiceConfigCallTests.retry, #", "retryThrottling": {"maxTokens": 4, "tokenRatio": 0.5}"#))
        let answer = { @Sendable (number: Int, peer: RawPeer, stream: StreamRecord) in
            if number < 4 { peer.fail(stream, .unavailable) } else { peer.answer(stream, [8]) }
        }
        try await withServer(configuration, answer) { loop, server, channel in
            // Both count by the same tokens.
            let second = Channel.to([server.address], on: loop, configuration)
            #expect(await channel.call().error?.code == .unavailable)
            #expect(server.requests.count == 2)
            #expect(await second.call().error?.code == .unavailable)
            #expect(server.requests.count == 3)
            #expect(channel.snapshot.serviceConfig.retryTokens?.millitokens == 1_000)
            for _ in 0..<3 { #expect(await second.call().reply == [8]) }
            #expect(channel.snapshot.serviceConfig.retryTokens?.millitokens == 2_500)
            #expect(channel.snapshot.serviceConfig.retryTokens?.isThrottling == false)
            second.shutdown()
        }
    }

    @Test func aCallWithoutAPolicyHasOneAttempt() async throws {
        let text = #"{"methodConfig": [{"name": [{"service": "other"}], \#(ServiceConfigCallTests.retry)}]}"#
        let answer = { @Sendable (_: Int, peer: RawPeer, stream: StreamRecord) in peer.fail(stream, .unavailable) }
        try await withServer(configuration(text), answer) { loop, server, channel in
            #expect(await channel.call().error?.code == .unavailable)
            #expect(server.requests.count == 1)
        }
    }

    // MARK: From a resolver

    @Test func theResolversConfigIsUsedInsteadAndWaitedFor() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { number, peer, stream in
                if number < 4 { peer.fail(stream, .unavailable) } else { peer.answer(stream, [8]) }
            }
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop, try configuration(ofAll: #""timeout": "0s""#))
            let call = channel.start()
            let config = try configuration(ofAll: ServiceConfigCallTests.retry).serviceConfig
            resolver.find(Resolution(endpoints: [Endpoint(server.address)], serviceConfig: .success(config)))
            #expect(await call.value.reply == [8])
            #expect(channel.snapshot.serviceConfig.methods == 1)
            // Without one, the channel's own is in force again.
            resolver.find([server.address])
            #expect(await channel.call().error?.code == .deadlineExceeded)
            server.stop()
            await channel.end()
        }
    }

    @Test func otherParametersMakeAnotherPolicy() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in peer.answer(stream, [8]) }
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, .pickFirst, on: loop)
            channel.connect()
            for (number, shuffles) in [false, false, true].enumerated() {
                let policy = LoadBalancingConfiguration.pickFirst(PickFirst.Parameters(shuffleAddressList: shuffles))
                let config = ServiceConfig(policy: policy)
                resolver.find(Resolution(endpoints: [Endpoint(server.address)], serviceConfig: .success(config)))
                #expect(await channel.call().reply == [8])
                #expect(server.peers.count == (number < 2 ? 1 : 2))
            }
            server.stop()
            await channel.end()
        }
    }
}

extension RawPeer {
    /// Answers with trailers only.
    fileprivate func fail(_ stream: StreamRecord, _ code: StatusCode, _ more: [(name: String, value: String)] = []) {
        guard let stream = stream.stream else { return }
        let fields = [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "\(code.rawValue)")]
        session.respondAndEnd(stream, HeaderBlock(fields + more.map { ($0.name, $0.value) }))
        flush()
    }
}
