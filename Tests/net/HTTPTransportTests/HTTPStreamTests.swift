import Addresses
import Events
import HTTP
import HTTPTransport
import System
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct HTTPStreamTests {
    private static let patience = Duration.seconds(20)

    private func server(
        on loop: EventLoop, _ body: @escaping @Sendable (HTTPBodyWriter) async throws -> Void
    ) throws -> HTTPServer {
        try HTTPServer(on: loopback, loop: loop, acceptor: TestStreams.acceptor) { _ in
            var router = HTTPRouter()
            router.on(.get, "/events") { _ in HTTPResponse(status: .ok, stream: body) }
            return router
        }
    }

    private func open(_ server: HTTPServer, on loop: EventLoop) async throws -> HTTPResponseStream {
        var configuration = HTTPClient.Configuration.defaults
        configuration.dialer = TestStreams.dialer
        let client = HTTPClient(on: loop, configuration: configuration)
        let request = HTTPClientRequest(.get, "/events", host: "test")
        return try await client.stream(request, to: server.address, timeout: Self.patience)
    }

    private func failure(_ stream: HTTPResponseStream, within: Duration = patience) async -> HTTPClientError.Problem? {
        do throws(HTTPClientError) {
            while try await stream.next(within: within) != nil {}
            return nil
        } catch {
            return error.problem
        }
    }

    /// The second piece is written only after the first has been read: nothing waits for the whole.
    @Test func piecesComeAsTheyAreWritten() async throws {
        try await onLoop { loop in
            let gate = LoopBound(Gate(), on: loop)
            let server = try self.server(on: loop) { writer in
                try await writer.write(Array("one".utf8))
                await gate.value.pass()
                try await writer.write(Array("two".utf8))
            }
            let stream = try await self.open(server, on: loop)
            #expect(stream.head.status == .ok)
            var first: [UInt8] = []
            while first.count < 3 { first += try #require(try await stream.next(within: Self.patience)) }
            #expect(first == Array("one".utf8))
            gate.value.open()
            #expect(try await stream.rest(limit: 3, within: Self.patience) == Array("two".utf8))
            #expect(try await stream.next(within: Self.patience) == nil)
            stream.close()
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func aBodyMayBeLongerThanAnyOther() async throws {
        try await onLoop { loop in
            let size = 3 << 20
            #expect(size > HTTP1Limits.defaults.bodyBytes)
            let server = try self.server(on: loop) { writer in
                for _ in 0..<48 { try await writer.write([UInt8](repeating: 0x61, count: size / 48)) }
            }
            let stream = try await self.open(server, on: loop)
            var count = 0
            while let piece = try await stream.next(within: Self.patience) { count += piece.count }
            #expect(count == size)
            let limited = try await self.open(server, on: loop)
            await #expect(throws: HTTPClientError.self) {
                _ = try await limited.rest(limit: size - 1, within: Self.patience)
            }
            limited.close()
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func silenceHasALimit() async throws {
        try await onLoop { loop in
            let gate = LoopBound(Gate(), on: loop)
            let server = try self.server(on: loop) { writer in
                try await writer.write(Array("one".utf8))
                await gate.value.pass()
            }
            let stream = try await self.open(server, on: loop)
            #expect(await self.failure(stream, within: .milliseconds(50)) == .timedOut(.milliseconds(50)))
            // The same once more, not a wait.
            #expect(await self.failure(stream) == .timedOut(.milliseconds(50)))
            gate.value.open()
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func aCancelledReaderLeavesNoConnection() async throws {
        try await onLoop { loop in
            let gate = LoopBound(Gate(), on: loop)
            let server = try self.server(on: loop) { writer in
                await gate.value.pass()
                try await writer.write(Array("late".utf8))
            }
            let stream = LoopBound(try await self.open(server, on: loop), on: loop)
            let problems = LoopBound(Journal<HTTPClientError.Problem?>(), on: loop)
            let task = loop.startTask { problems.value.note(await self.failure(stream.value)) }
            task.cancel()
            #expect(await problems.value.next() == .cancelled)
            gate.value.open()
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func aBodyThatIsCutShortIsAnError() async throws {
        try await onLoop { loop in
            struct Broken: Error {}
            let gate = LoopBound(Gate(), on: loop)
            let server = try self.server(on: loop) { writer in
                try await writer.write(Array("one".utf8))
                await gate.value.pass()
                throw Broken()
            }
            let stream = try await self.open(server, on: loop)
            #expect(try await stream.next(within: Self.patience) != nil)
            gate.value.open()
            // By the kernel's word or the parser's: the server cuts the connection with RST.
            let problem = await self.failure(stream)
            if case .disconnected? = problem {} else { Issue.record("\(String(describing: problem))") }
            await server.stop(grace: .seconds(5))
        }
    }

    /// What nobody reads stays with the server, which waits.
    @Test func aSlowReaderSlowsTheServerDown() async throws {
        try await onLoop { loop in
            let written = LoopBound(Counter(), on: loop)
            let size = 64 << 20
            let server = try self.server(on: loop) { writer in
                while written.value.count < size {
                    try await writer.write([UInt8](repeating: 0x61, count: 1 << 20))
                    written.value.count += 1 << 20
                }
            }
            let stream = try await self.open(server, on: loop)
            // Until the kernel's buffers are full: then two looks in a row see the same. (A look too early only makes
            // the test weaker.)
            var before = -1
            while before != written.value.count || before == 0 {
                before = written.value.count
                try await loop.sleep(for: .milliseconds(300))
            }
            #expect(before < size, "all was sent though nobody read")
            var read = 0
            while let piece = try await stream.next(within: Self.patience) { read += piece.count }
            #expect(read == size)
            await server.stop(grace: .seconds(5))
        }
    }

    private final class Counter {
        var count = 0
    }
}
