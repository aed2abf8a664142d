import Events
import HTTP2
import LoadBalancing
import RPCClient
import RPCCore
import RPCServer
import RPCTestSupport
import System
import TestSupport
import Testing
import Timing

/// How servers and connections end.
@Suite(.timeLimit(.minutes(5))) struct ServerEndTests {
    private func configuration(
        maxAge: Duration? = nil, grace: Duration? = nil, maxIdle: Duration? = nil
    ) -> RPCServer.Configuration {
        var configuration = RPCServer.Configuration()
        configuration.lifecycle = .init(maxAge: maxAge, maxAgeGrace: grace, maxIdle: maxIdle)
        return configuration
    }

    @Test func aGracefulStopLetsCallsFinishAndTakesNoNewOnes() async throws {
        try await withLoop { loop in
            let gate = Gate(on: loop)
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: gate))
            let client = try RawPeer(to: server.address, on: loop)
            let running = try client.request(requestHead(TestMethods.wait.path), body: frame([9]))
            await gate.arrival()
            let stop = Task(executorPreference: loop) { await server.stop(grace: .seconds(60)) }
            await client.watch.until("both GOAWAYs") { client.record.goAways.count == 2 }
            #expect(client.record.goAways == [.init(Int32.max, .noError), .init(1, .noError)])
            let late = try client.request(requestHead(TestMethods.echo.path), body: frame([]))
            await client.watch.until("the refusal") { late.isClosed }
            #expect(late.closings == [.refusedStream])
            // Nobody listens any more.
            let newcomer = try RawPeer(to: server.address, on: loop)
            await newcomer.watch.until("the refusal") { newcomer.isClosed }
            #expect(!running.isClosed)
            gate.open()
            await stop.value
            #expect(running.value(of: "grpc-status", block: 1) == "0")
            #expect(running.data == frame([9]))
            await poll("the client has closed", on: loop) { client.isClosed }
        }
    }

    @Test func aStopWithoutCallsIsQuick() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil))
            let idle = try RawPeer(to: server.address, on: loop)
            await idle.watch.until("SETTINGS") { idle.record.settings == 1 }
            // One that has not even said hello.
            let silent = ByteRecord(on: loop)
            try silent.connect(to: server.address)
            await silent.watch.until("the server's SETTINGS") { !silent.received.isEmpty }
            let began = MonotonicClock.now
            await server.stop(grace: .seconds(60))
            #expect(MonotonicClock.now - began < .seconds(30))
            await poll("the clients have closed", on: loop) { idle.isClosed && silent.isClosed }
        }
    }

    @Test func whenTheGraceIsOverConnectionsAreClosed() async throws {
        try await withLoop { loop in
            let handler = HandlerRecord(on: loop)
            let server = try RPCServer.onLoop(loop, RPCRouter(handler))
            let channel = Channel.to([server.address], .pickFirst, on: loop)
            let call = channel.start(TestMethods.wait)
            await handler.beginning()
            await server.stop(grace: .milliseconds(20))
            let error = await call.value.error
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("\(server.address)") == true)
            await handler.end()
            #expect(handler.cancelled == 1)
            await channel.end()
        }
    }

    @Test func aHandlerMayOutliveItsServer() async throws {
        try await withLoop { loop in
            let gate = Gate(on: loop)
            let done = Gate(on: loop)
            var router = RPCRouter()
            router.unary(TestMethods.wait) { (_: [UInt8], context, reply: inout [UInt8]) async throws(RPCError) in
                // Deaf to cancellation.
                await gate.pass()
                #expect(context.loop.isCurrent)
                reply.append(1)
                await done.pass()
            }
            do {
                let server = try RPCServer.onLoop(loop, router)
                router = RPCRouter()
                let client = try RawPeer(to: server.address, on: loop)
                _ = try client.request(requestHead(TestMethods.wait.path), body: frame([]))
                await gate.arrival()
                await server.stop(grace: .zero)
                await poll("the client has closed", on: loop) { client.isClosed }
            }
            // The server is gone from memory, too.
            await Task.yield()
            gate.open()
            await done.arrival()
            done.open()
        }
    }

    @Test func anOldConnectionIsClosedAndTheReasonTold() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(
                loop, RPCRouter(echoing: nil), self.configuration(maxAge: .milliseconds(20)))
            let client = try RawPeer(to: server.address, on: loop)
            await client.watch.until("the end") { client.isClosed }
            #expect(client.record.goAways.first == .init(Int32.max, .noError, "max_age"))
            await server.stop(grace: .zero)
        }
    }

    @Test func anOldConnectionsCallsFinishAndThenTheGraceIsOver() async throws {
        try await withLoop { loop in
            let handler = HandlerRecord(on: loop)
            let server = try RPCServer.onLoop(
                loop, RPCRouter(handler), self.configuration(maxAge: .milliseconds(20), grace: .milliseconds(20)))
            let client = try RawPeer(to: server.address, on: loop)
            let call = try client.request(requestHead(TestMethods.wait.path), body: frame([]))
            await client.watch.until("the end") { client.isClosed }
            #expect(client.record.goAways == [.init(Int32.max, .noError, "max_age"), .init(1, .noError, "max_age")])
            #expect(call.closings == [.internalError])
            await handler.end()
            await server.stop(grace: .zero)
        }
    }

    @Test func aConnectionThatHasBecomeIdleIsClosed() async throws {
        try await withLoop { loop in
            let gate = Gate(on: loop)
            let server = try RPCServer.onLoop(
                loop, RPCRouter(echoing: gate), self.configuration(maxIdle: .milliseconds(500)))
            let client = try RawPeer(to: server.address, on: loop)
            let call = try client.request(requestHead(TestMethods.wait.path), body: frame([]))
            await gate.arrival()
            // Longer than the idle time, but a call is open.
            try await loop.sleep(for: .milliseconds(1500))
            #expect(!client.isClosed)
            #expect(client.record.goAways == [])
            gate.open()
            await client.watch.until("the end") { client.isClosed }
            #expect(call.closings == [.noError])
            await server.stop(grace: .zero)
        }
    }

    @Test func aConnectionThatIsNeverUsedIsIdle() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(
                loop, RPCRouter(echoing: nil), self.configuration(maxIdle: .milliseconds(50)))
            let client = try RawPeer(to: server.address, on: loop)
            await client.watch.until("the end") { client.isClosed }
            await server.stop(grace: .zero)
        }
    }

    /// Connections that live 50 ms, under load: not one call may fail.
    @Test(arguments: [1, 10, 100])
    func aShortLifeLosesNoCall(lanes: Int) async throws {
        try await withLoop { loop in
            var servers: [RPCServer] = []
            for _ in 0..<3 {
                servers.append(
                    try RPCServer.onLoop(loop, RPCRouter(echoing: nil), self.configuration(maxAge: .milliseconds(50))))
            }
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop)
            channel.connect()
            resolver.find(servers.map(\.address))
            // Each lost connection asks once.
            while resolver.requests.count < 30 {
                let failures = await channel.callMany(lanes * 10, lanes: lanes)
                #expect(failures == [])
            }
            for server in servers { await server.stop(grace: .seconds(10)) }
            await channel.end()
        }
    }

    @Test func aShortLifeAcrossLoopsLosesNoCall() async throws {
        let other = try EventLoop.startThread(named: "server")
        defer { other.stop() }
        var configuration = configuration(maxAge: .milliseconds(150))
        configuration.http2.maxConcurrentStreams = 10
        let server = try await RPCServer.start(on: .loopback, loops: [other], configuration: configuration) { _ in
            RPCServer.Services(router: RPCRouter(echoing: nil))
        }
        let address = server.address
        try await withLoop { loop in
            // One server with few streams: calls wait in the session, and for the next connection.
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop)
            channel.connect()
            resolver.find([address])
            while resolver.requests.count < 10 {
                let failures = await channel.callMany(1000, lanes: 100)
                #expect(failures == [])
            }
            channel.shutdown()
            await poll("the client has closed", on: loop) { loop.registrationCount == 0 }
        }
        await server.stop(grace: .seconds(10))
        #expect(await other.run { other.registrationCount + other.timerCount } == 0)
    }
}
