import Events
import HTTP2
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing

/// What only a client that breaks gRPC's rules can send.
@Suite(.timeLimit(.minutes(5))) struct RawClientTests {
    private struct Answer: Equatable, Sendable {
        var http: String?
        var status: String?
        var message: String?

        init(_ http: String, _ status: String? = nil, _ message: String? = nil) {
            self.http = http
            self.status = status
            self.message = message
        }

        init(_ stream: StreamRecord) {
            http = stream.value(of: ":status")
            status = stream.value(of: "grpc-status") ?? stream.value(of: "grpc-status", block: 1)
            message = stream.value(of: "grpc-message") ?? stream.value(of: "grpc-message", block: 1)
        }
    }

    /// What the server answers to a request whose `body` comes in these parts; it stays open if `ends` is false.
    private func answer(
        _ fields: [(name: String, value: String)], _ parts: [[UInt8]] = [frame([1])], ends: Bool = true,
        _ configuration: RPCServer.Configuration = RPCServer.Configuration(),
        sourceLocation: SourceLocation = #_sourceLocation,
        _ check: @escaping @Sendable (StreamRecord) -> Void = { _ in }
    ) async throws -> Answer {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil), configuration)
            let client = try RawPeer(to: server.address, on: loop)
            let stream = try client.request(fields, body: nil)
            for part in parts { if let open = stream.stream { client.session.send(part, on: open) } }
            if ends, let open = stream.stream { client.session.end(open) }
            await client.watch.until("an answer", sourceLocation: sourceLocation) { stream.isClosed }
            #expect(stream.closings == [.noError], sourceLocation: sourceLocation)
            check(stream)
            await server.stop(grace: .zero)
            await poll("the client has closed", on: loop) { client.isClosed }
            return Answer(stream)
        }
    }

    private let echo = TestMethods.echo.path

    @Test func oneMessageIsAnswered() async throws {
        let answer = try await answer(requestHead(echo), [frame([7, 8])]) { stream in
            #expect(stream.data == frame([7, 8]))
            #expect(stream.value(of: "content-type") == "application/grpc")
        }
        #expect(answer == Answer("200", "0"))
    }

    @Test func aMessageInManyParts() async throws {
        let whole = frame(Array(0..<100))
        let answer = try await answer(requestHead(echo), whole.map { [$0] }) { #expect($0.data == whole) }
        #expect(answer == Answer("200", "0"))
    }

    @Test func twoMessages() async throws {
        let expected = Answer("200", "12", "more than one message in the request of a unary call")
        #expect(try await answer(requestHead(echo), [frame([1]), frame([2])]) == expected)
        #expect(try await answer(requestHead(echo), [frame([1]) + frame([2])], ends: false) == expected)
    }

    @Test func noMessage() async throws {
        #expect(
            try await answer(requestHead(echo), []) == Answer("200", "12", "no message in the request of a unary call"))
    }

    @Test func halfAMessage() async throws {
        #expect(
            try await answer(requestHead(echo), [[0, 0, 0, 0, 9, 1]])
                == Answer("200", "13", "the request ended in the middle of a message"))
    }

    @Test func aMessageOverTheLimitIsRefusedBeforeItHasCome() async throws {
        var configuration = RPCServer.Configuration()
        configuration.maxMessageBytes = 10
        #expect(
            try await answer(requestHead(echo), [[0, 0, 0, 0, 11]], ends: false, configuration)
                == Answer("200", "8", "message of 11 bytes is over the limit of 10"))
    }

    @Test func aCompressedMessage() async throws {
        let answer = try await answer(requestHead(echo), [[1, 0, 0, 0, 1, 7]], ends: false)
        #expect(answer.status == "13")
    }

    @Test func anotherContentTypeIs415() async throws {
        let fields = requestHead(echo).filter { $0.name != "content-type" }
        #expect(try await answer(fields + [("content-type", "application/json")]) == Answer("415"))
        #expect(try await answer(fields, ends: false) == Answer("415"))
    }

    @Test func anotherMethodIs405() async throws {
        let fields = [(name: ":method", value: "PUT")] + requestHead(echo).dropFirst()
        #expect(try await answer(fields) == Answer("405"))
    }

    @Test func aLongHeadIsResourceExhausted() async throws {
        let fields = requestHead(echo, (0..<200).map { ("key-\($0)", String(repeating: "v", count: 100)) })
        #expect(
            try await answer(fields)
                == Answer("200", "8", "the request's header fields are over the limit of 16384 bytes"))
    }

    @Test func anEncodingThatIsNotSupported() async throws {
        let answer = try await answer(requestHead(echo, [("grpc-encoding", "snappy")]), ends: false) { stream in
            #expect(stream.value(of: "grpc-accept-encoding") == "identity,deflate,gzip")
        }
        #expect(answer == Answer("200", "12", "grpc-encoding \"snappy\" is not supported"))
    }

    private func compressed(_ payload: [UInt8]) throws -> [UInt8] {
        var message = OutgoingMessage(copying: payload.span)
        try message.seal(as: .gzip)
        return message.buffer
    }

    private func flagged(_ payload: [UInt8]) -> [UInt8] { [1] + frame(payload).dropFirst() }

    /// One is of the client's making, and 16 MiB of it are 16 KiB.
    @Test func aCompressedRequestThatCannotBeExpanded() async throws {
        let whole = Array(try compressed([UInt8](repeating: 7, count: 1000)).dropFirst(5))
        let bomb = try compressed([UInt8](repeating: 0, count: 16 << 20))
        let cases: [(body: [UInt8], status: String, reason: String)] = [
            (bomb, "8", "expands to more than the limit of 4194304 bytes"),
            (flagged(Array(whole.dropLast())), "13", "is not complete"),
            (flagged(whole + [0]), "13", "has 1 bytes behind its end"),
            (flagged([1, 2, 3, 4]), "13", "cannot be expanded: incorrect header check"),
            (flagged([]), "13", "is not complete"),
        ]
        for each in cases {
            let answer = try await answer(requestHead(echo, [("grpc-encoding", "gzip")]), [each.body])
            #expect(answer.status == each.status)
            #expect(answer.message?.hasSuffix(each.reason) == true, "\(answer)")
        }
        // Without an encoding there is nothing to expand by.
        let unagreed = try await answer(requestHead(echo), [flagged(whole)], ends: false)
        #expect(unagreed.status == "13")
    }

    @Test func aTimeoutThatIsNone() async throws {
        #expect(try await answer(requestHead(echo, [("grpc-timeout", "soon")])).status == "13")
    }

    @Test(arguments: [
        ("/test.Service/Missing", "unknown method Missing for service test.Service"),
        ("/other.Service/Echo", "unknown service other.Service"),
        ("/test.Service", "malformed method name \"/test.Service\", expected /package.Service/Method"),
        ("/a/b/c", "malformed method name \"/a/b/c\", expected /package.Service/Method"),
        ("/", "malformed method name \"/\", expected /package.Service/Method"),
    ])
    func aPathWithoutAHandler(path: String, message: String) async throws {
        #expect(try await answer(requestHead(path), ends: false) == Answer("200", "12", message))
    }

    @Test func aRequestThatEndsWithTrailers() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil))
            let client = try RawPeer(to: server.address, on: loop)
            let stream = try client.request(requestHead(TestMethods.echo.path), body: nil)
            let open = try #require(stream.stream)
            client.session.send(frame([5]), on: open)
            client.session.end(open, trailers: HeaderBlock([("x-late", "1")]))
            await client.watch.until("an answer") { stream.isClosed }
            #expect(stream.data == frame([5]))
            #expect(stream.value(of: "grpc-status", block: 1) == "0")
            await server.stop(grace: .zero)
            await poll("the client has closed", on: loop) { client.isClosed }
        }
    }

    @Test func moreStreamsThanAllowedAreRefused() async throws {
        try await withLoop { loop in
            let gate = Gate(on: loop)
            var configuration = RPCServer.Configuration()
            configuration.http2.maxConcurrentStreams = 3
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: gate), configuration)
            let client = try RawPeer(to: server.address, on: loop)
            await client.watch.until("SETTINGS") { client.record.settings == 1 }
            let streams = try (0..<5).map { _ in
                try client.request(requestHead(TestMethods.wait.path), body: frame([1]))
            }
            await gate.arrival(3)
            // nghttp2 keeps the others back at the client.
            #expect(streams.count { $0.stream?.hasLeft == true } == 3)
            gate.open()
            await client.watch.until("all answers") { streams.allSatisfy(\.isClosed) }
            #expect(streams.allSatisfy { $0.closings == [.noError] })
            await server.stop(grace: .zero)
            await poll("the client has closed", on: loop) { client.isClosed }
        }
    }

    @Test func garbageIsCutOff() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil))
            let line = ByteRecord(on: loop)
            try line.connect(to: server.address)
            line.send(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            await line.watch.until("the end") { line.isClosed }
            // Others are served all the same.
            let client = try RawPeer(to: server.address, on: loop)
            let stream = try client.request(requestHead(TestMethods.echo.path), body: frame([1]))
            await client.watch.until("an answer") { stream.isClosed }
            #expect(stream.value(of: "grpc-status", block: 1) == "0")
            await server.stop(grace: .zero)
            await poll("the client has closed", on: loop) { client.isClosed }
        }
    }
}
