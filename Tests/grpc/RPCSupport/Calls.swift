package import Addresses
package import Events
package import LoadBalancing
package import RPCClient
package import RPCCore
package import RPCServer
import TestSupport
import Testing

/// The methods of the servers in these tests.
package enum TestMethods {
    /// Answers with what it was sent.
    package static let echo = MethodDescriptor(service: "test.Service", method: "Echo")
    /// Waits at the gate first.
    package static let wait = MethodDescriptor(service: "test.Service", method: "Wait")
    package static let missing = MethodDescriptor(service: "test.Service", method: "Missing")
}

extension RPCRouter {
    /// With `echo`, and with `wait` if there is a gate.
    package init(echoing gate: Gate? = nil) {
        self.init()
        unary(TestMethods.echo) { (request: [UInt8], _, reply: inout [UInt8]) async throws(RPCError) in
            reply += request
        }
        guard let gate else { return }
        unary(TestMethods.wait) { (request: [UInt8], _, reply: inout [UInt8]) async throws(RPCError) in
            await gate.pass()
            reply += request
        }
    }

    /// Serves a method of that name as one that any number of messages answer.
    package mutating func serverStreaming(_ method: MethodDescriptor, _ handler: @escaping StreamHandler) {
        let method = MethodDescriptor(service: method.service, method: method.method, type: .serverStreaming)
        stream(method) { (stream: ServerStream) async throws(RPCError) in
            _ = try await stream.receive()
            try await handler(stream)
        }
    }
}

extension ServerStream {
    /// Sends the message of a sealed frame.
    package func send(_ frame: [UInt8]) async throws(RPCError) {
        try await send(OutgoingMessage(copying: frame.span.extracting(droppingFirst: MessageFraming.prefixLength)))
    }
}

extension RPCServer {
    /// A server on one loop, which is the current one.
    package static func onLoop(
        _ loop: EventLoop, _ router: RPCRouter, _ configuration: Configuration = Configuration(),
        address: SocketAddress = .loopback, interceptors: [ServerInterceptor] = [],
        tracers: [any ServerTracer] = [], answerMetadata: Metadata = Metadata()
    ) throws -> RPCServer {
        let services = LoopBound(
            Services(
                router: router, interceptors: interceptors, tracers: tracers, answerMetadata: answerMetadata), on: loop)
        return try RPCServer(on: address, loops: [loop], configuration: configuration, acceptor: TestStreams.acceptor) {
            _ in services.value
        }
    }
}

extension Channel {
    /// A channel whose servers are those that the resolver is told of.
    package static func to(
        _ resolver: FakeResolver, _ policy: LoadBalancingPolicyName = .roundRobin, on loop: EventLoop,
        _ configuration: ChannelConfiguration = .quick, tracers: [any ClientTracer] = []
    ) -> Channel {
        Channel.to(resolver, policy.makePolicy(seed: 1), on: loop, configuration, tracers: tracers)
    }

    package static func to(
        _ resolver: FakeResolver, _ policy: any LoadBalancingPolicy, on loop: EventLoop,
        _ configuration: ChannelConfiguration = .quick, tracers: [any ClientTracer] = []
    ) -> Channel {
        Channel(
            target: Target(scheme: "dns", endpoint: "test:80"), resolver: resolver, policy: policy, on: loop,
            configuration: configuration, tracers: tracers)
    }

    /// A channel to these servers, connecting already.
    package static func to(
        _ addresses: [SocketAddress], _ policy: LoadBalancingPolicyName = .roundRobin, on loop: EventLoop,
        _ configuration: ChannelConfiguration = .quick, tracers: [any ClientTracer] = []
    ) -> Channel {
        Channel.to(addresses, policy.makePolicy(seed: 1), on: loop, configuration, tracers: tracers)
    }

    package static func to(
        _ addresses: [SocketAddress], _ policy: any LoadBalancingPolicy, on loop: EventLoop,
        _ configuration: ChannelConfiguration = .quick, tracers: [any ClientTracer] = []
    ) -> Channel {
        let resolver = FakeResolver()
        let channel = Channel.to(resolver, policy, on: loop, configuration, tracers: tracers)
        channel.connect()
        resolver.find(addresses)
        return channel
    }

    /// One call; the reply without its prefix, or the error.
    package func call(
        _ method: MethodDescriptor = TestMethods.echo, _ message: [UInt8] = [1, 2, 3],
        _ options: CallOptions = CallOptions()
    ) async -> Result<[UInt8], RPCError> {
        do throws(RPCError) {
            return .success(
                try await unary(method, request: OutgoingMessage(copying: message.span), options: options).message)
        } catch {
            return .failure(error)
        }
    }

    /// A call that runs beside the test.
    package func start(
        _ method: MethodDescriptor = TestMethods.echo, _ message: [UInt8] = [1, 2, 3],
        _ options: CallOptions = CallOptions()
    ) -> Task<Result<[UInt8], RPCError>, Never> {
        let bound = LoopBound(self, on: loop)
        return Task.immediateDetached(executorPreference: loop) { await bound.value.call(method, message, options) }
    }

    /// Calls one after the other in each of `lanes`, `count` in all. Returns those that failed.
    package func callMany(
        _ count: Int, lanes: Int, _ method: MethodDescriptor = TestMethods.echo, options: CallOptions = CallOptions()
    ) async -> [RPCError] {
        let bound = LoopBound(self, on: loop)
        let loop = loop
        return await withTaskGroup(of: [RPCError].self) { group in
            for lane in 0..<lanes {
                group.addTask(executorPreference: loop) {
                    var failures: [RPCError] = []
                    for number in stride(from: lane, to: count, by: lanes) {
                        let message = Array("message \(number)".utf8)
                        switch await bound.value.call(method, message, options) {
                        case .success(message): continue
                        case .success(let other):
                            failures.append(RPCError(.dataLoss, "\(message) came back as \(other)"))
                        case .failure(let error): failures.append(error)
                        }
                    }
                    return failures
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Shuts down, and waits until nothing of this channel or of the servers before it is left on the loop.
    package func end() async {
        shutdown()
        let loop = loop
        await poll("the loop is empty", on: loop) { loop.registrationCount == 0 }
    }
}

extension ChannelConfiguration {
    /// Tries again within milliseconds, and never goes to IDLE by itself.
    package static var quick: ChannelConfiguration {
        var configuration = ChannelConfiguration()
        configuration.dialer = TestStreams.dialer
        configuration.backoff.base = .milliseconds(5)
        configuration.backoff.maximum = .milliseconds(20)
        configuration.idleTimeout = nil
        return configuration
    }
}

extension Result where Success == [UInt8], Failure == RPCError {
    package var error: RPCError? {
        if case .failure(let error) = self { error } else { nil }
    }

    package var reply: [UInt8]? {
        if case .success(let reply) = self { reply } else { nil }
    }
}
