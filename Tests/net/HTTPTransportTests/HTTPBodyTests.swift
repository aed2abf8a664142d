import Addresses
import Events
import HTTP
import HTTPTransport
import Synchronization
import System
import TestSupport
import Testing
import Timing

/// Bodies that are not in memory: produced while they are sent, or taken from a file.
@Suite(.timeLimit(.minutes(5))) struct HTTPBodyTests {
    private static func get(_ path: String, method: String = "GET", version: String = "1.1") -> String {
        "\(method) \(path) HTTP/\(version)\r\nHost: x\r\n\r\n"
    }

    private struct Failure: Error {}

    private func server(
        on loop: EventLoop, at address: SocketAddress = loopback, _ configuration: HTTPServerConfiguration = .defaults,
        finished: @escaping @Sendable (HTTPAccess) -> Void = { _ in },
        _ respond: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) throws -> HTTPServer {
        try HTTPServer(
            on: address, loop: loop, configuration: configuration, acceptor: TestStreams.acceptor, finished: finished
        ) { _ in
            var router = HTTPRouter()
            router.on(.get, "/it", respond)
            router.on(.get, "/hello") { _ in .text(.ok, "hello") }
            return router
        }
    }

    @Test func aStreamArrivesPieceByPieceAndTheConnectionLivesOn() async throws {
        try await onLoop { loop in
            let gate = LoopBound(Gate(), on: loop)
            let accesses = Mutex<[HTTPAccess]>([])
            let server = try self.server(on: loop, finished: { access in accesses.withLock { $0.append(access) } }) {
                _ in
                HTTPResponse(status: .ok) { writer in
                    try await writer.write(Array("one".utf8))
                    await gate.value.pass()
                    try await writer.write([])
                    try await writer.write(Array("fourteen bytes".utf8))
                }
            }
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send(Self.get("/it") + Self.get("/hello"))
            await peer.receive("3\r\none\r\n")
            #expect(peer.received.contains("\r\nTransfer-Encoding: chunked\r\n"))
            #expect(!peer.received.contains("fourteen") && accesses.withLock(\.isEmpty))
            gate.value.open()
            await peer.receive("\r\n\r\nhello")
            #expect(peer.received.contains("3\r\none\r\ne\r\nfourteen bytes\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"))
            #expect(accesses.withLock { $0.map(\.target) } == ["/it", "/hello"])
            peer.close()
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func anOldClientGetsTheStreamUpToTheEndOfTheConnection() async throws {
        try await onLoop { loop in
            let server = try self.server(on: loop) { _ in
                HTTPResponse(status: .ok) { try await $0.write(Array("all".utf8)) }
            }
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send(Self.get("/it", version: "1.0"))
            let text = await peer.receiveAll()
            #expect(text.hasSuffix("\r\nConnection: close\r\n\r\nall") && !text.contains("Transfer-Encoding"))
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func nothingIsProducedForHead() async throws {
        try await onLoop { loop in
            let server = try self.server(on: loop) { _ in
                HTTPResponse(status: .ok) { _ in Issue.record("produced") }
            }
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send(Self.get("/it", method: "HEAD") + Self.get("/hello"))
            await peer.receive("\r\n\r\nhello")
            #expect(peer.received.ranges(of: "HTTP/1.1 200 OK").count == 2 && !peer.received.contains("0\r\n\r\n"))
            peer.close()
            await server.stop(grace: .seconds(5))
        }
    }

    /// Whatever the framing, a client must be able to tell that the body is not whole.
    @Test(arguments: ["1.1", "1.0"])
    func aStreamThatFailsCutsTheConnection(version: String) async throws {
        try await onLoop { loop in
            let accesses = Mutex<[HTTPAccess]>([])
            let server = try self.server(on: loop, finished: { access in accesses.withLock { $0.append(access) } }) {
                _ in
                HTTPResponse(status: .ok) { writer in
                    try await writer.write(Array("begun".utf8))
                    throw Failure()
                }
            }
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send(Self.get("/it", version: version))
            await peer.wait(until: \.isClosed)
            #expect(peer.closedWithError && !peer.received.contains("0\r\n\r\n"))
            #expect(accesses.withLock { $0.map(\.problem) } == ["the response was cut off: Failure()"])
            #expect(accesses.withLock { $0.map(\.status) } == [.internalServerError])
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func aClientThatLeavesStopsTheStream() async throws {
        try await onLoop { loop in
            let gate = LoopBound(Gate(), on: loop)
            let accesses = Mutex<[HTTPAccess]>([])
            let ended = LoopBound(Gate(), on: loop)
            let server = try self.server(on: loop, finished: { access in accesses.withLock { $0.append(access) } }) {
                _ in
                HTTPResponse(status: .ok) { writer in
                    try await writer.write([0x2E])
                    await gate.value.pass()
                    await #expect(throws: HTTPBodyWriter.Disconnected.self) { try await writer.write([0x2E]) }
                    #expect(Task.isCancelled)
                    await ended.value.pass()
                }
            }
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send(Self.get("/it"))
            await peer.receive("1\r\n.\r\n")
            peer.close()
            await server.stop(grace: .seconds(5))
            gate.value.open()
            await ended.value.arrival()
            ended.value.open()
            #expect(accesses.withLock { $0.map(\.status) } == [.clientClosedRequest])
        }
    }

    /// The kernel's buffers take a few megabytes on loopback; after that nobody may go on producing.
    @Test func aSlowReaderHoldsTheStreamBack() async throws {
        try await onLoop { loop in
            var configuration = HTTPServerConfiguration.defaults
            configuration.pendingOutputBytes = 100_000
            let written = LoopBound(Gate(), on: loop)
            written.value.open()
            let total = 400
            let server = try self.server(on: loop, configuration) { _ in
                HTTPResponse(status: .ok) { writer in
                    for _ in 0..<total {
                        try await writer.write(Array(repeating: 0x2E, count: 50_000))
                        await written.value.pass()
                    }
                }
            }
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send(Self.get("/it"))
            await peer.receive("...")
            peer.isReading = false
            // Other connections go on, and each round lets the first one produce all it may.
            for _ in 0..<50 {
                let other = try RawPeer(to: server.address, on: loop)
                await other.send(Self.get("/hello"))
                await other.receive("hello")
                other.close()
            }
            #expect(written.value.arrivals < total)
            peer.keepsTheEndOnly = true
            peer.isReading = true
            await peer.receive("\r\n0\r\n\r\n")
            #expect(written.value.arrivals == total && peer.receivedBytes > total * 50_000)
            peer.close()
            await server.stop(grace: .seconds(5))
        }
    }

    /// A slow reader that is 20 MB behind, `produce` of whose response is under way.
    private func withSlowReader(
        _ produce: @escaping @Sendable (HTTPBodyWriter) async throws -> Void,
        _ body: @escaping @Sendable (RawPeer) async -> Void
    ) async throws {
        try await onLoop { loop in
            var configuration = HTTPServerConfiguration.defaults
            configuration.pendingOutputBytes = 100_000
            let accesses = Mutex<[HTTPAccess]>([])
            let server = try self.server(
                on: loop, configuration, finished: { access in accesses.withLock { $0.append(access) } }
            ) { _ in
                HTTPResponse(status: .ok) { writer in try await produce(writer) }
            }
            let peer = try RawPeer(to: server.address, on: loop)
            peer.keepsTheEndOnly = true
            await peer.send(Self.get("/it"))
            await peer.receive("...")
            await body(peer)
            await peer.wait(until: \.isEnded)
            #expect(accesses.withLock { $0.map(\.status) } == [.clientClosedRequest])
            peer.close()
            await server.stop(grace: .zero)
        }
    }

    @Test func theEndOfASlowReaderIsSeenWhileItIsBehind() async throws {
        try await withSlowReader { writer in
            while !Task.isCancelled { try await writer.write(Array(repeating: 0x2E, count: 50_000)) }
        } _: { peer in
            peer.isReading = false
            peer.endWriting()
            // For as long as nothing cancels the work there is something to read.
            peer.isReading = true
        }
    }

    @Test func theEndOfASlowReaderIsSeenAfterItHasCaughtUp() async throws {
        let behind = 20_000_000
        try await withSlowReader { writer in
            for _ in 0..<behind / 50_000 { try await writer.write(Array(repeating: 0x2E, count: 50_000)) }
            // Rule waived: a producer that has nothing more to say, for ever; only a cancellation ends it.
            try await Task.sleep(for: .seconds(3600))
        } _: { peer in
            peer.isReading = false
            peer.isReading = true
            await peer.wait { $0.receivedBytes > behind || $0.isEnded }
            peer.endWriting()
        }
    }

    @Test func aReaderThatTakesNothingIsCutOffInTime() async throws {
        try await onLoop { loop in
            var configuration = HTTPServerConfiguration.defaults
            configuration.limits.responseWriteTime = .milliseconds(50)
            let accesses = Mutex<[HTTPAccess]>([])
            let server = try self.server(
                on: loop, configuration, finished: { access in accesses.withLock { $0.append(access) } }
            ) { _ in
                HTTPResponse(status: .ok) { writer in
                    while true { try await writer.write(Array(repeating: 0x2E, count: 50_000)) }
                }
            }
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send(Self.get("/it"))
            await peer.receive("...")
            peer.isReading = false
            await server.stop(grace: .seconds(60))
            let first = accesses.withLock { $0.first }
            let access = try #require(first)
            #expect(access.status == .clientClosedRequest)
            #expect(access.problem?.hasPrefix("the client did not take the response in") == true)
            peer.close()
        }
    }

    // MARK: Files

    /// Runs `body` on a loop beside a directory with the file `file`, which holds the digits 0 to 9 so many times.
    private func withFile(
        digits count: Int, _ body: @escaping @Sendable (EventLoop, TemporaryDirectory) async throws -> Void
    ) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        directory.write(String(repeating: "0123456789", count: count), to: "file")
        try await onLoop { try await body($0, directory) }
    }

    /// 200 with this part of the file, or 500 without it.
    private func file(_ directory: TemporaryDirectory, _ range: Range<Int>) -> HTTPResponse {
        guard let file = try? FileTree(directory.path).open(["file"]) else {
            return .text(.internalServerError, "no file")
        }
        return HTTPResponse(status: .ok, file: FileSlice(file, offset: range.lowerBound, count: range.count))
    }

    /// A peer that has sent these requests, and reads the beginning of what comes.
    private func reader(of server: HTTPServer, on loop: EventLoop, _ requests: String) async throws -> RawPeer {
        let peer = try RawPeer(to: server.address, on: loop)
        peer.keepsTheEndOnly = true
        await peer.send(requests)
        await peer.receive("0123")
        return peer
    }

    @Test func aFileFollowsItsHead() async throws {
        try await withFile(digits: 1) { loop, directory in
            let server = try self.server(on: loop) { _ in self.file(directory, 2..<8) }
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send(Self.get("/it") + Self.get("/it", method: "HEAD") + Self.get("/hello"))
            await peer.receive("\r\n\r\nhello")
            #expect(peer.received.contains("\r\nContent-Length: 6\r\n\r\n234567HTTP/1.1 200 OK\r\n"))
            #expect(peer.received.ranges(of: "Content-Length: 6").count == 2)
            #expect(peer.received.ranges(of: "234567").count == 1)
            peer.close()
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func aLargeFileWaitsForItsReader() async throws {
        try await withFile(digits: 2_000_000) { loop, directory in
            let size = 2_000_000 * 10
            let server = try self.server(on: loop) { _ in self.file(directory, 0..<size) }
            let peer = try await self.reader(of: server, on: loop, Self.get("/it"))
            peer.isReading = false
            let other = try RawPeer(to: server.address, on: loop)
            await other.send(Self.get("/hello"))
            await other.receive("hello")
            other.close()
            await peer.send(Self.get("/hello"))
            peer.isReading = true
            await peer.receive("\r\n\r\nhello")
            #expect(peer.receivedBytes > size && peer.received.contains("6789HTTP/1.1 200 OK"))
            peer.close()
            await server.stop(grace: .seconds(5))
        }
    }

    /// The head of the file's response could not say that it is the last one, so it is not.
    @Test func aStopMeanwhileLeavesNoRequestUnanswered() async throws {
        try await withFile(digits: 2_000_000) { loop, directory in
            let size = 2_000_000 * 10
            let server = try self.server(on: loop) { _ in self.file(directory, 0..<size) }
            let peer = try await self.reader(of: server, on: loop, Self.get("/it") + Self.get("/hello"))
            peer.isReading = false
            let bound = LoopBound(server, on: loop)
            let stopping = loop.startTask { await bound.value.stop(grace: .seconds(50)) }
            peer.isReading = true
            #expect(await peer.receiveAll().hasSuffix("\r\nConnection: close\r\n\r\nhello"))
            await stopping.value
        }
    }

    /// A reader that stops is cut off after the time for any response; one that goes on, however long it takes, is not.
    /// Over a unix socket, whose small buffers let the server get on with every piece that is read.
    @Test(arguments: [true, false])
    func aReaderOfAFileHasToGoOn(goesOn: Bool) async throws {
        try await withFile(digits: 1_000_000) { loop, directory in
            let size = 1_000_000 * 10
            let limit = Duration.seconds(1)
            var configuration = HTTPServerConfiguration.defaults
            configuration.limits.responseWriteTime = limit
            configuration.slowestFileReading = 1
            let accesses = Mutex<[HTTPAccess]>([])
            let server = try self.server(
                on: loop, at: .unix(path: "\(directory.path)/socket"), configuration,
                finished: { access in accesses.withLock { $0.append(access) } }
            ) { _ in self.file(directory, 0..<size) }
            let peer = try await self.reader(of: server, on: loop, Self.get("/it"))
            let began = loop.now
            var standstill = Duration.zero
            // Twice the time, of which it reads now and then.
            while goesOn, loop.now - began < limit * 2, !peer.isEnded {
                let before = loop.now
                peer.isReading = false
                try await loop.sleep(for: .milliseconds(50))
                let enough = peer.receivedBytes + 100_000
                peer.isReading = true
                await peer.wait { $0.receivedBytes > enough || $0.isEnded }
                standstill = max(standstill, loop.now - before)
            }
            if goesOn, peer.isEnded {
                // It is right to be cut off where this machine stood still for so long, and only there.
                #expect(standstill > limit / 2, "cut off \(loop.now - began) after it began to read")
            } else {
                peer.isReading = goesOn
                await server.stop(grace: .seconds(60))
                #expect(accesses.withLock { $0.map(\.status) } == [goesOn ? .ok : .clientClosedRequest])
            }
            peer.close()
            await server.stop(grace: .zero)
        }
    }

    /// And the log says whose fault that is.
    @Test func aFileThatShrinksCutsTheConnection() async throws {
        try await withFile(digits: 1) { loop, directory in
            let accesses = Mutex<[HTTPAccess]>([])
            let server = try self.server(on: loop, finished: { access in accesses.withLock { $0.append(access) } }) {
                _ in
                let response = self.file(directory, 0..<10)
                directory.write("012", to: "file")
                return response
            }
            let peer = try RawPeer(to: server.address, on: loop)
            await peer.send(Self.get("/it"))
            #expect(await peer.receiveAll().hasSuffix("\r\n\r\n012"))
            await server.stop(grace: .seconds(5))
            #expect(accesses.withLock { $0.map(\.status) } == [.internalServerError])
            let problem = accesses.withLock { $0.first?.problem ?? "" }
            #expect(problem.hasPrefix("the response was cut off: send a file that has become shorter"))
        }
    }
}
