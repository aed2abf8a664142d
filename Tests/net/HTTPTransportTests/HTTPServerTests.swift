import Addresses
import Events
import HTTP
import HTTPTransport
import Synchronization
import System
import TestSupport
import Testing
import Timing

@Suite(.timeLimit(.minutes(5))) struct HTTPServerTests {
    private static let hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let last = "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    private func server(
        on loop: EventLoop, configuration: HTTPServerConfiguration = .defaults,
        routes: @escaping @Sendable (inout HTTPRouter) -> Void = { _ in },
        finished: @escaping @Sendable (HTTPAccess) -> Void = { _ in }
    ) throws -> HTTPServer {
        try HTTPServer(
            on: loopback, loop: loop, configuration: configuration, acceptor: TestStreams.acceptor, finished: finished
        ) { _ in
            var router = HTTPRouter()
            router.on(.get, "/hello") { _ in .text(.ok, "hello") }
            router.on(.post, "/echo") { HTTPResponse(status: .ok, body: $0.body) }
            routes(&router)
            return router
        }
    }

    /// What a server answers to `input` until it closes.
    private func answer(
        _ input: String, configuration: HTTPServerConfiguration = .defaults,
        routes: @escaping @Sendable (inout HTTPRouter) -> Void = { _ in }
    ) async throws -> String {
        let answer = Mutex("")
        try await onLoop { loop in
            let server = try self.server(on: loop, configuration: configuration, routes: routes)
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send(input)
            let received = await peer.receiveAll()
            answer.withLock { $0 = received }
            await server.stop(grace: .seconds(5))
        }
        return answer.withLock { $0 }
    }

    @Test func answersARequest() async throws {
        let text = try await answer(Self.last)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\nDate: "))
        #expect(text.contains("\r\nContent-Length: 5\r\nConnection: close\r\n"))
        #expect(text.hasSuffix("\r\n\r\nhello"))
    }

    @Test func headHasNoBody() async throws {
        let text = try await answer("HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(text.contains("Content-Length: 5\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test func bodiesArrive() async throws {
        let text = try await answer(
            "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        #expect(text.hasSuffix("\r\n\r\nabcde"))
    }

    @Test func anExpectationIsFulfilledBeforeTheBodyIsSent() async throws {
        try await onLoop { loop in
            let server = try self.server(on: loop)
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            await peer.receive("\r\n\r\n")
            #expect(peer.received == "HTTP/1.1 100 Continue\r\n\r\n")
            await peer.send("hi")
            await peer.receive("\r\n\r\nhi")
            #expect(peer.received.contains("HTTP/1.1 200 OK"))
            peer.close()
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func whoSendsTheBodyAtOnceIsNotToldToContinue() async throws {
        let text = try await answer(
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\nh"
                + "i")
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.hasSuffix("\r\n\r\nhi"))
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GARBAGE\r\n", 400), ("GET / HTTP/1.1\nHost: x\n\n", 400),
        ("GET / HTTP/3.0\r\n", 505), ("GET /" + String(repeating: "a", count: 9000), 414),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n", 413),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: magic\r\n\r\n", 417),
        ("GET / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: 100) + "\r\n", 431),
    ])
    func badInputIsAnsweredAndTheConnectionClosed(input: String, status: Int) async throws {
        // The request behind the bad one must not be answered.
        let text = try await answer(input + Self.last)
        #expect(text.hasPrefix("HTTP/1.1 \(status) "))
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(!text.contains("200 OK"))
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await onLoop { loop in
            let gates = LoopBound([Gate(), Gate()], on: loop)
            let server = try self.server(on: loop) { router in
                router.on(.get, "/1") { _ in
                    await gates.value[0].pass()
                    return .text(.ok, "first")
                }
                router.on(.get, "/2") { _ in .text(.ok, "second") }
                router.on(.get, "/3") { _ in
                    await gates.value[1].pass()
                    return .text(.ok, "third")
                }
            }
            let peer = try RawPeer(to: server.address, on: loop)
            let requests = (1...3).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined() + Self.last
            await peer.send(requests)
            await gates.value[0].arrival()
            #expect(gates.value[1].arrivals == 0)
            gates.value[0].open()
            await peer.receive("second")
            #expect(!peer.received.contains("third"))
            gates.value[1].open()
            let bodies = await peer.receiveAll().split(separator: "\r\n\r\n").dropFirst().map {
                $0.prefix { $0 != "H" }
            }
            #expect(bodies == ["first", "second", "third", "hello"])
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func manyPipelinedRequestsUseBoundedMemoryAndAllAreAnswered() async throws {
        var configuration = HTTPServerConfiguration.defaults
        configuration.pipelinedBytes = 1000
        configuration.pendingOutputBytes = 1000
        configuration.limits.requestsPerConnection = 100_000
        let text = try await answer(
            String(repeating: Self.hello, count: 5000) + Self.last, configuration: configuration)
        #expect(text.ranges(of: "\r\n\r\nhello").count == 5001)
    }

    @Test func requestsPerConnectionAreLimited() async throws {
        var configuration = HTTPServerConfiguration.defaults
        configuration.limits.requestsPerConnection = 3
        let text = try await answer(String(repeating: Self.hello, count: 5), configuration: configuration)
        #expect(text.ranges(of: "200 OK").count == 3)
        #expect(text.ranges(of: "Connection: close").count == 1)
    }

    @Test func aSlowHeaderTimesOut() async throws {
        var configuration = HTTPServerConfiguration.defaults
        configuration.limits.headerReadTime = .seconds(1)
        #expect(try await answer("GET /hello HTTP/1.1\r\nHo", configuration: configuration).hasPrefix("HTTP/1.1 408 "))
        #expect(try await answer("", configuration: configuration) == "")
    }

    /// One byte now and then must not keep the connection alive.
    @Test func bytesThatTrickleInDoNotProlongTheHeader() async throws {
        try await onLoop { loop in
            var configuration = HTTPServerConfiguration.defaults
            configuration.limits.headerReadTime = .seconds(1)
            let server = try self.server(on: loop, configuration: configuration)
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send("GET /hello HTTP/1.1\r\nA: ")
            let start = MonotonicClock.now
            while !peer.isEnded, MonotonicClock.now - start < .seconds(60) {
                await peer.send("a")
                try await loop.sleep(for: .milliseconds(10))
            }
            #expect(peer.received.hasPrefix("HTTP/1.1 408 "))
            peer.close()
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func aSlowBodyTimesOut() async throws {
        var configuration = HTTPServerConfiguration.defaults
        configuration.limits.bodyReadTime = .seconds(1)
        let text = try await answer(
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na", configuration: configuration)
        #expect(text.hasPrefix("HTTP/1.1 408 "))
    }

    @Test func anIdleConnectionIsClosedSilently() async throws {
        var configuration = HTTPServerConfiguration.defaults
        configuration.limits.idleTime = .seconds(1)
        let text = try await answer(Self.hello, configuration: configuration)
        #expect(text.hasSuffix("\r\n\r\nhello"))
    }

    @Test func aReaderThatNeverReadsIsCutOff() async throws {
        try await onLoop { loop in
            var configuration = HTTPServerConfiguration.defaults
            configuration.limits.responseWriteTime = .milliseconds(100)
            let server = try self.server(on: loop, configuration: configuration) { router in
                router.on(.get, "/big") { _ in
                    HTTPResponse(status: .ok, body: [UInt8](repeating: 0x61, count: 32 << 20))
                }
            }
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
            await peer.receive("HTTP/1.1 200")
            peer.isReading = false
            await self.expectQuickStop(of: server)
            peer.close()
        }
    }

    /// Its connections end by themselves, long before the grace period.
    private func expectQuickStop(of server: HTTPServer) async {
        let start = MonotonicClock.now
        await server.stop(grace: .seconds(90))
        #expect(MonotonicClock.now - start < .seconds(45))
    }

    @Test func aDisconnectCancelsTheHandler() async throws {
        let accesses = Mutex<[HTTPAccess]>([])
        try await onLoop { loop in
            let gate = LoopBound(Gate(), on: loop)
            let server = try self.server(on: loop) { router in
                router.on(.get, "/wait") { _ in
                    await gate.value.pass()
                    try? await loop.sleep(for: .seconds(50))
                    return .text(.ok, Task.isCancelled ? "cancelled" : "slept")
                }
            } finished: { access in
                accesses.withLock { $0.append(access) }
            }
            gate.value.open()
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
            await gate.value.arrival()
            peer.close()
            await self.expectQuickStop(of: server)
        }
        #expect(accesses.withLock { $0.count } == 1)
    }

    @Test func stoppingLetsBusyConnectionsFinishAndClosesIdleOnes() async throws {
        try await onLoop { loop in
            let gate = LoopBound(Gate(), on: loop)
            let server = try self.server(on: loop) { router in
                router.on(.get, "/wait") { _ in
                    await gate.value.pass()
                    return .text(.ok, "done")
                }
            }
            let idle = try RawPeer(to: server.address, on: loop)
            await idle.send(Self.hello)
            await idle.receive("\r\n\r\nhello")
            #expect(!idle.isEnded)
            let busy = try RawPeer(to: server.address, on: loop)
            await busy.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
            await gate.value.arrival()
            #expect(server.connectionCount == 2)

            let bound = LoopBound(server, on: loop)
            let stopping = loop.startTask { await bound.value.stop(grace: .seconds(50)) }
            await idle.wait(until: \.isEnded)
            #expect(!busy.isEnded)
            let late = try RawPeer(to: server.address, on: loop)
            await late.wait(until: \.isClosed)
            #expect(late.received.isEmpty)

            gate.value.open()
            let text = await busy.receiveAll()
            #expect(text.contains("Connection: close\r\n"))
            #expect(text.hasSuffix("done"))
            await stopping.value
            #expect(server.connectionCount == 0)
        }
    }

    @Test func theGracePeriodEnds() async throws {
        try await onLoop { loop in
            let gate = LoopBound(Gate(), on: loop)
            let server = try self.server(on: loop) { router in
                router.on(.get, "/wait") { _ in
                    await gate.value.pass()
                    return .text(.ok, "too late")
                }
            }
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
            await gate.value.arrival()
            await server.stop(grace: .milliseconds(20))
            #expect(await peer.receiveAll() == "")
            gate.value.open()
        }
    }

    @Test func anAnnouncedStopClosesAfterTheNextResponse() async throws {
        try await onLoop { loop in
            let server = try self.server(on: loop)
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send(Self.hello)
            await peer.receive("\r\n\r\nhello")
            server.announceStop()
            await peer.send(Self.hello)
            #expect(await peer.receiveAll().hasSuffix("Connection: close\r\n\r\nhello"))
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func connectionsBeyondTheMaximumWait() async throws {
        try await onLoop { loop in
            var configuration = HTTPServerConfiguration.defaults
            configuration.maximumConnections = 1
            let server = try self.server(on: loop, configuration: configuration)
            let first = try RawPeer(to: server.address, on: loop)
            await first.send(Self.hello)
            await first.receive("\r\n\r\nhello")
            let second = try RawPeer(to: server.address, on: loop)
            await second.send(Self.last)
            // A second answer to the first shows that the loop turned and left the second connection alone.
            await first.send(Self.hello)
            await first.receive("\r\n\r\nhello", count: 2)
            #expect(second.received.isEmpty)
            #expect(server.connectionCount == 1)
            first.close()
            #expect(await second.receiveAll().hasSuffix("\r\n\r\nhello"))
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func severalLoopsShareTheConnections() async throws {
        let other = try EventLoop.startThread(named: "other")
        defer { other.stop() }
        let used = Mutex<[Bool]>([])
        try await onLoop { loop in
            let server = try HTTPServer(
                on: loopback, loop: loop, servingOn: [loop, other], acceptor: TestStreams.acceptor
            ) { mine in
                var router = HTTPRouter()
                router.on(.get, "/hello") { _ in
                    used.withLock { $0.append(mine === other && other.isCurrent) }
                    return .text(.ok, "hello")
                }
                return router
            }
            var peers: [RawPeer] = []
            for _ in 0..<4 {
                let peer = try RawPeer(to: server.address, on: loop)
                await peer.send(Self.hello)
                await peer.receive("\r\n\r\nhello")
                peers.append(peer)
            }
            await server.stop(grace: .seconds(5))
            for peer in peers { await peer.wait(until: \.isClosed) }
        }
        #expect(used.withLock { $0.filter(\.self).count } == 2)
    }
}
