import Addresses
import Events
import HTTP
import HTTPTransport
import System
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct HTTPClientTests {
    private static let hello = HTTPClientRequest(.get, "/hello?x=1", host: "test")

    private func server(
        on loop: EventLoop, address: SocketAddress = loopback, gate: LoopBound<Gate>? = nil
    ) throws -> HTTPServer {
        try HTTPServer(on: address, loop: loop, acceptor: TestStreams.acceptor) { _ in
            var router = HTTPRouter()
            router.on(.get, "/hello") { .text(.ok, "\($0.head.fields["host"] ?? "-") \($0.head.query)") }
            router.on(.post, "/echo") { HTTPResponse(status: .accepted, body: $0.body) }
            router.on(.get, "/wait") { _ in
                await gate?.value.pass()
                try? await loop.sleep(for: .seconds(50))
                return .text(.ok, "slept")
            }
            return router
        }
    }

    private func error(
        _ client: HTTPClient, _ request: HTTPClientRequest, _ address: SocketAddress, timeout: Duration = .seconds(20)
    ) async -> HTTPClientError? {
        do throws(HTTPClientError) {
            _ = try await client.send(request, to: address, timeout: timeout)
            return nil
        } catch {
            return error
        }
    }

    @Test func sendsAndReceives() async throws {
        try await onLoop { loop in
            let server = try self.server(on: loop)
            let client = HTTPClient(on: loop, configuration: Self.configuration())
            let response = try await client.send(Self.hello, to: server.address, timeout: .seconds(20))
            #expect(response.status == .ok)
            #expect(response.body == Array("test x=1".utf8))
            let head = HTTPClientRequest(.head, "/hello", host: "test")
            #expect(try await client.send(head, to: server.address, timeout: .seconds(20)).body.isEmpty)
            let post = HTTPClientRequest(.post, "/echo", host: "test", body: [UInt8](repeating: 0x61, count: 300_000))
            let echo = try await client.send(post, to: server.address, timeout: .seconds(20))
            #expect(echo.status == .accepted)
            #expect(echo.body.count == 300_000)
            #expect(client.idleConnectionCount == 0)
            await server.stop(grace: .seconds(5))
        }
    }

    private static func configuration() -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration.defaults
        configuration.dialer = TestStreams.dialer
        return configuration
    }

    @Test func connectionsAreUsedAgain() async throws {
        try await onLoop { loop in
            let server = try self.server(on: loop)
            var configuration = Self.configuration()
            configuration.idleConnections = 1
            let client = HTTPClient(on: loop, configuration: configuration)
            for _ in 0..<3 {
                _ = try await client.send(Self.hello, to: server.address, timeout: .seconds(20))
                #expect(client.idleConnectionCount == 1)
                #expect(server.connectionCount == 1)
            }
            client.closeIdleConnections()
            #expect(client.idleConnectionCount == 0)
            await server.stop(grace: .seconds(5))
        }
    }

    /// The server closes after each response without saying so: the pooled connection is dead; GET may be sent again.
    @Test func aStalePooledConnectionIsReplaced() async throws {
        try await onLoop { loop in
            let script = try ScriptedServer(
                on: loop, answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", answers: 1)
            var configuration = Self.configuration()
            configuration.idleConnections = 1
            let client = HTTPClient(on: loop, configuration: configuration)
            for _ in 0..<2 {
                let response = try await client.send(Self.hello, to: script.address, timeout: .seconds(20))
                #expect(response.body == Array("hi".utf8))
            }
            #expect(script.connections == 2)
            #expect(script.requests == 3)
            let post = HTTPClientRequest(.post, "/", host: "test")
            let error = await self.error(client, post, script.address)
            #expect(error?.problem == .disconnected("the connection was closed before a response"))
            #expect(script.requests == 4)
            client.closeIdleConnections()
            script.close()
        }
    }

    @Test func refusedConnectionsAreNamed() async throws {
        try await onLoop { loop in
            let server = try self.server(on: loop)
            await server.stop(grace: .seconds(5))
            let error = await self.error(
                HTTPClient(on: loop, configuration: Self.configuration()), Self.hello, server.address)
            #expect(
                error?.description == "GET /hello?x=1 at \(server.address): "
                    + "no connection: connect to \(server.address): Connection refused")
        }
    }

    @Test func timeoutsAndCancellationEndTheExchange() async throws {
        try await onLoop { loop in
            let gate = LoopBound(Gate(), on: loop)
            gate.value.open()
            let server = try self.server(on: loop, gate: gate)
            let client = LoopBound(HTTPClient(on: loop, configuration: Self.configuration()), on: loop)
            let wait = HTTPClientRequest(.get, "/wait", host: "test")
            let address = server.address
            let late = await self.error(client.value, wait, address, timeout: .seconds(1))
            #expect(late?.problem == .timedOut(.seconds(1)))
            let task = Task(executorPreference: loop) { await self.error(client.value, wait, address) }
            await gate.value.arrival(2)
            task.cancel()
            #expect(await task.value?.problem == .cancelled)
            await server.stop(grace: .seconds(5))
        }
    }

    @Test(arguments: [
        (
            "garbage\r\n",
            HTTPClientError.Problem.malformedResponse("the status line is malformed; expected 'HTTP/1.1 200 OK'")
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
            .disconnected("the connection was closed within the response's body")
        ),
        ("", .disconnected("the connection was closed before a response")),
    ])
    func badServersAreReported(answer: String, problem: HTTPClientError.Problem) async throws {
        try await onLoop { loop in
            let script = try ScriptedServer(on: loop, answer: answer, answers: 0)
            let error = await self.error(
                HTTPClient(on: loop, configuration: Self.configuration()), Self.hello, script.address)
            #expect(error?.problem == problem)
            script.close()
        }
    }

    @Test func requestsThatWouldBreakTheLineAreRefused() async throws {
        try await onLoop { loop in
            let request = HTTPClientRequest(.get, "/a b", host: "x")
            let address = SocketAddress.ip(.v4(0x7F00_0001), port: 1)
            #expect(
                await self.error(HTTPClient(on: loop, configuration: Self.configuration()), request, address)?.problem
                    == .malformedRequest)
        }
    }
}

/// Answers each request with the same bytes. After `answers` of them on a connection, the next request only ends it.
/// Loop thread only.
private final class ScriptedServer {
    private final class Connection: ByteStreamDelegate {
        let server: ScriptedServer
        var stream: (any ByteStream)?
        var answers = 0

        init(_ server: ScriptedServer) { self.server = server }

        private var received: [UInt8] = []

        /// The tests' requests have no bodies: a header's end is the request's.
        func streamReceived(_ bytes: Span<UInt8>) {
            for index in bytes.indices {
                received.append(bytes[index])
                if received.suffix(4) == [13, 10, 13, 10] { requestEnded() }
            }
        }

        private func requestEnded() {
            server.requests += 1
            answers += 1
            if server.answers == 0 || answers <= server.answers { stream?.write(Array(server.answer.utf8).span) }
            if answers > server.answers { stream?.finish() }
        }

        func streamReachedEnd() { stream?.close() }
        func streamClosed(_ error: SystemError?) { stream = nil }
    }

    private(set) var requests = 0
    private(set) var connections = 0
    private let answer: String
    private let answers: Int
    private var listener: Listener?

    init(on loop: EventLoop, answer: String, answers: Int) throws {
        self.answer = answer
        self.answers = answers
        listener = try Listener(on: loopback, loop: loop) { [unowned self] accepted in
            connections += 1
            let connection = Connection(self)
            connection.stream = try? SocketStream(
                adopting: accepted.descriptor, peer: accepted.peer, on: loop, delegate: connection)
        }
    }

    var address: SocketAddress { listener?.address ?? loopback }

    func close() { listener?.close() }
}
