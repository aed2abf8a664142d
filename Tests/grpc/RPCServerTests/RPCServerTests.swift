import Addresses
import Events
import HTTP2
import RPCClient
import RPCCore
import RPCServer
import RPCTestSupport
import System
import TestSupport
import Testing
import Timing

/// A server and our own channel over loopback.
@Suite(.timeLimit(.minutes(5))) struct RPCServerTests {
    @Test func aCallIsAnswered() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil))
            let channel = Channel.to([server.address], on: loop)
            #expect(await channel.call(TestMethods.echo, [4, 5]).reply == [4, 5])
            #expect(await channel.call(TestMethods.echo, []).reply == [])
            let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 >> 4) }
            #expect(await channel.call(TestMethods.echo, large).reply == large)
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test func whatIsNotThere() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil))
            let channel = Channel.to([server.address], on: loop)
            #expect(
                await channel.call(TestMethods.missing).error
                    == RPCError(.unimplemented, "unknown method Missing for service test.Service"))
            let other = MethodDescriptor(service: "no.Such", method: "Echo")
            #expect(await channel.call(other).error == RPCError(.unimplemented, "unknown service no.Such"))
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test func aHandlersErrorArrivesWhole() async throws {
        try await withLoop { loop in
            var router = RPCRouter(echoing: nil)
            router.unary(TestMethods.wait) { (_: [UInt8], context, _: inout [UInt8]) async throws(RPCError) in
                var error = RPCError(.failedPrecondition, "100% wrong — \(context.metadata["x-key"] ?? "nothing")\n")
                try error.metadata.append("x-detail", "1")
                try error.metadata.append(binary: [8, 9, 0xFF], for: "grpc-status-details-bin")
                // gRPC's own.
                for key in ["grpc-status", "te", "content-type"] { try error.metadata.append(key, "0") }
                throw error
            }
            let server = try RPCServer.onLoop(loop, router)
            let channel = Channel.to([server.address], on: loop)
            var options = CallOptions()
            try options.metadata.append("x-key", "a key")
            let error = await channel.call(TestMethods.wait, [], options).error
            #expect(error?.code == .failedPrecondition)
            #expect(error?.message == "100% wrong — a key\n")
            #expect(error?.metadata["x-detail"] == "1")
            #expect(try error?.metadata.binaryValues(of: "grpc-status-details-bin") == [[8, 9, 0xFF]])
            #expect(error?.metadata.count == 2)
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test func theServerKeepsTheDeadline() async throws {
        try await withLoop { loop in
            let handler = HandlerRecord(on: loop)
            let observer = ObserverRecord(on: loop)
            let server = try RPCServer.onLoop(loop, RPCRouter(handler), tracers: [observer])
            // A client that has no deadline of its own: the answer is the server's.
            let client = try RawPeer(to: server.address, on: loop)
            let call = try client.request(
                requestHead(TestMethods.wait.path, [("grpc-timeout", "20m")]), body: frame([]))
            await client.watch.until("an answer") { call.isClosed }
            #expect(call.value(of: "grpc-status") == "4")
            #expect(call.closings == [.noError])
            await handler.end()
            #expect(handler.cancelled == 1)
            #expect(observer.finished.map(\.status) == [.deadlineExceeded])
            // An hour is not over: the call beside it goes on.
            let long = try client.request(requestHead(TestMethods.wait.path, [("grpc-timeout", "1H")]), body: frame([]))
            await handler.beginning(2)
            #expect(!long.isClosed)
            client.reset(long, .cancel)
            await handler.end(2)
            await server.stop(grace: .seconds(10))
            await poll("the client has closed", on: loop) { client.isClosed }
        }
    }

    @Test func aDeadlineDuringTheRequest() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil))
            let client = try RawPeer(to: server.address, on: loop)
            let call = try client.request(requestHead(TestMethods.echo.path, [("grpc-timeout", "20m")]), body: nil)
            await client.watch.until("an answer") { call.isClosed }
            #expect(call.value(of: "grpc-status") == "4")
            await server.stop(grace: .seconds(10))
            await poll("the client has closed", on: loop) { client.isClosed }
        }
    }

    @Test func theHandlerKnowsTheDeadline() async throws {
        try await withLoop { loop in
            let seen = Watch(on: loop)
            var deadlines: [Duration] = []
            var router = RPCRouter()
            router.unary(TestMethods.echo) { (_: [UInt8], context, _: inout [UInt8]) async throws(RPCError) in
                deadlines.append(context.deadline == .distantFuture ? .zero : context.deadline - context.loop.now)
                #expect(context.peer != nil)
                seen.changed()
            }
            let server = try RPCServer.onLoop(loop, router)
            let channel = Channel.to([server.address], on: loop)
            _ = await channel.call(TestMethods.echo, [], CallOptions(timeout: .seconds(3600)))
            _ = await channel.call(TestMethods.echo, [])
            #expect(deadlines.count == 2)
            #expect(deadlines.first.map { $0 > .seconds(3500) && $0 <= .seconds(3601) } == true)
            #expect(deadlines.last == .zero)
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test func cancellingACallCancelsItsHandlersTask() async throws {
        try await withLoop { loop in
            let handler = HandlerRecord(on: loop)
            let observer = ObserverRecord(on: loop)
            let server = try RPCServer.onLoop(loop, RPCRouter(handler), tracers: [observer])
            let channel = Channel.to([server.address], on: loop)
            let calls = (0..<3).map { _ in channel.start(TestMethods.wait) }
            await handler.beginning(3)
            calls[1].cancel()
            #expect(await calls[1].value.error?.code == .cancelled)
            await handler.end(1)
            #expect(handler.cancelled == 1)
            #expect(handler.ended == 1)
            #expect(observer.finished.map(\.status) == [.cancelled])
            for call in calls { call.cancel() }
            await handler.end(3)
            #expect(handler.cancelled == 3)
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test func aLostConnectionCancelsItsHandlers() async throws {
        try await withLoop { loop in
            let handler = HandlerRecord(on: loop)
            let server = try RPCServer.onLoop(loop, RPCRouter(handler))
            let client = try RawPeer(to: server.address, on: loop)
            for _ in 0..<3 { _ = try client.request(requestHead(TestMethods.wait.path), body: frame([])) }
            await handler.beginning(3)
            client.close()
            await handler.end(3)
            #expect(handler.cancelled == 3)
            await server.stop(grace: .seconds(10))
        }
    }

    @Test func aSuspendedHandlerHoldsNobodyUp() async throws {
        try await withLoop { loop in
            let gate = Gate(on: loop)
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: gate))
            let channel = Channel.to([server.address], on: loop)
            // Between quick calls of the same connection, and of the same read.
            var waiting: [Task<Result<[UInt8], RPCError>, Never>] = []
            var quick: [Task<Result<[UInt8], RPCError>, Never>] = []
            for number in 0..<90 {
                if number % 10 == 0 {
                    waiting.append(channel.start(TestMethods.wait, [UInt8(number)]))
                } else {
                    quick.append(channel.start(TestMethods.echo, [UInt8(number)]))
                }
            }
            for call in quick { #expect(await call.value.error == nil) }
            #expect(gate.arrivals == 9)
            #expect(await channel.callMany(1000, lanes: 10) == [])
            gate.open()
            var replies: [UInt8] = []
            for call in waiting { replies += await call.value.reply ?? [] }
            #expect(replies == [0, 10, 20, 30, 40, 50, 60, 70, 80])
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test func aHandlerThatYieldsMayBeOneOfMany() async throws {
        try await withLoop { loop in
            var router = RPCRouter()
            router.unary(TestMethods.echo) { (request: [UInt8], _, reply: inout [UInt8]) async throws(RPCError) in
                // Some suspend and some do not, so that workers change in the midst of a batch.
                if request.last.map({ $0 % 3 == 0 }) == true { await Task.yield() }
                reply += request
            }
            let server = try RPCServer.onLoop(loop, router)
            let channel = Channel.to([server.address], on: loop)
            #expect(await channel.callMany(5000, lanes: 50) == [])
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test func tenThousandCallsAHundredAtATime() async throws {
        try await withLoop { loop in
            let observer = ObserverRecord(on: loop)
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil), tracers: [observer])
            let channel = Channel.to([server.address], on: loop)
            #expect(await channel.callMany(10_000, lanes: 100) == [])
            #expect(observer.received.count == 10_000)
            #expect(observer.finished.count == 10_000)
            #expect(Set(observer.finished) == [.init(path: TestMethods.echo.path, isKnown: true, status: .ok)])
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test func moreAtATimeThanStreamsAreAllowed() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil))
            let channel = Channel.to([server.address], on: loop)
            #expect(await channel.callMany(3000, lanes: 500) == [])
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test func connectionsAreSpreadOverLoops() async throws {
        let loops = try (0..<3).map { try EventLoop.startThread(named: "server-\($0)") }
        defer { for loop in loops { loop.stop() } }
        let server = try await RPCServer.start(on: .loopback, loops: loops) { loop in
            var router = RPCRouter()
            let name = loops.firstIndex { $0 === loop } ?? -1
            router.unary(TestMethods.echo) { (_: [UInt8], context, reply: inout [UInt8]) async throws(RPCError) in
                #expect(context.loop === loop && loop.isCurrent)
                reply.append(UInt8(name))
            }
            return RPCServer.Services(router: router)
        }
        let address = server.address
        let counts = try await withLoop { loop in
            var channels: [Channel] = []
            var counts: [UInt8: Int] = [:]
            for _ in 0..<9 {
                let channel = Channel.to([address], on: loop)
                channels.append(channel)
                counts[try #require(await channel.call().reply?.first), default: 0] += 1
                #expect(await channel.callMany(100, lanes: 10, TestMethods.missing).count == 100)
            }
            for channel in channels { channel.shutdown() }
            await poll("the clients have closed", on: loop) { loop.registrationCount == 0 }
            return counts
        }
        #expect(counts == [0: 3, 1: 3, 2: 3])
        await server.stop(grace: .seconds(10))
        for loop in loops {
            #expect(await loop.run { loop.registrationCount } == 0)
            #expect(await loop.run { loop.timerCount } == 0)
        }
    }

    @Test func anAddressThatIsTaken() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil))
            let error = #expect(throws: SystemError.self) {
                try RPCServer.onLoop(loop, RPCRouter(echoing: nil), address: server.address)
            }
            #expect(error?.description.contains("\(server.address)") == true)
            await server.stop(grace: .zero)
        }
    }

    @Test func aUnixSocketServes() async throws {
        try await withLoop { loop in
            let directory = TemporaryDirectory()
            let server = try RPCServer.onLoop(
                loop, RPCRouter(echoing: nil), address: .unix(path: directory.path + "/s"))
            let channel = Channel.to([server.address], on: loop)
            #expect(await channel.call().reply == [1, 2, 3])
            await server.stop(grace: .seconds(10))
            await channel.end()
            directory.remove()
        }
    }

    @Test func theObserverHearsOfEachCallOnce() async throws {
        try await withLoop { loop in
            let observer = ObserverRecord(on: loop)
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil), tracers: [observer])
            let client = try RawPeer(to: server.address, on: loop)
            let bad = requestHead("/x") + [("grpc-encoding", "gzip")]
            let streams = [
                try client.request(requestHead(TestMethods.missing.path), body: frame([])),
                try client.request(bad, body: frame([])),
                // Not gRPC, and not even HTTP: neither is a call.
                try client.request([(":method", "GET")] + requestHead("/y").dropFirst(), body: []),
                try client.request(requestHead("/z", [("connection", "close")]), body: []),
                try client.request(requestHead(TestMethods.echo.path), body: frame([])),
            ]
            await client.watch.until("all answers") { streams.allSatisfy(\.isClosed) }
            await server.stop(grace: .seconds(10))
            #expect(observer.received == [TestMethods.missing.path, "/x", TestMethods.echo.path])
            #expect(
                Set(observer.finished) == [
                    .init(path: TestMethods.missing.path, isKnown: false, status: .unimplemented),
                    .init(path: "/x", isKnown: false, status: .unimplemented),
                    .init(path: TestMethods.echo.path, isKnown: true, status: .ok),
                ])
            #expect(observer.finished.count == 3)
            #expect(observer.summaries.allSatisfy { $0.duration >= .zero && $0.duration < .seconds(10) })
            await poll("the client has closed", on: loop) { client.isClosed }
        }
    }

    @Test func everyObserverHearsHowManyBytes() async throws {
        try await withLoop { loop in
            let observers = [ObserverRecord(on: loop), ObserverRecord(on: loop)]
            var router = RPCRouter()
            router.unary(TestMethods.echo) { (request: [UInt8], _, reply: inout [UInt8]) async throws(RPCError) in
                if request.isEmpty { throw RPCError(.notFound, "nothing") }
                reply += request + request
            }
            let server = try RPCServer.onLoop(loop, router, tracers: observers)
            let channel = Channel.to([server.address], on: loop)
            #expect(await channel.call(TestMethods.echo, [UInt8](repeating: 7, count: 1000)).reply?.count == 2000)
            #expect(await channel.call(TestMethods.echo, []).error?.code == .notFound)
            for observer in observers {
                #expect(observer.summaries.map(\.receivedMessageBytes) == [1000, 0])
                #expect(observer.summaries.map(\.sentMessageBytes) == [2000, 0])
            }
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }
}
