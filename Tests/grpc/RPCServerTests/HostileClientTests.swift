import Bytes
import Events
import HTTP2
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing

/// What a peer can provoke, and what it may not lose by it.
@Suite(.timeLimit(.minutes(5))) struct HostileClientTests {
    /// A server whose handler fails with this error, and a client; the server's graceful stop must not be held up.
    private func answer(failingWith error: RPCError) async throws -> (codes: [HTTP2ErrorCode], block: [String]) {
        try await withLoop { loop in
            var router = RPCRouter()
            router.unary(TestMethods.echo) { (_: [UInt8], _, _: inout [UInt8]) async throws(RPCError) in throw error }
            let server = try RPCServer.onLoop(loop, router)
            let client = try RawPeer(to: server.address, on: loop)
            let call = try client.request(requestHead(TestMethods.echo.path), body: frame([]))
            await client.watch.until("the call's end") { call.isClosed }
            await server.stop(grace: .seconds(60))
            await poll("the client has closed", on: loop) { client.isClosed }
            return (call.closings, call.blocks.first ?? [])
        }
    }

    @Test(arguments: ["x", "é", "\u{1F469}\u{200D}\u{1F52C}"])
    func aLongErrorTextIsCut(character: String) async throws {
        let text = String(repeating: character, count: 70_000)
        let (codes, block) = try await answer(failingWith: RPCError(.invalidArgument, text))
        #expect(codes == [.noError])
        let message = try #require(block.last)
        #expect(message.utf8.count <= "grpc-message: ".utf8.count + 4096)
        let decoded = PercentCoding.decodeMessage(message.utf8.span)
        #expect(decoded.hasSuffix("…"))
        #expect(decoded.dropFirst("grpc-message: ".count).dropLast().allSatisfy { String($0) == character })
    }

    @Test func aStatusArrivesWithoutTheMetadataThatCannotBeSent() async throws {
        var error = RPCError(.internal, "see the details")
        try error.metadata.append("details", String(repeating: "d", count: 70_000))
        let (codes, block) = try await answer(failingWith: error)
        #expect(codes == [.noError])
        #expect(block.suffix(2) == ["grpc-status: 13", "grpc-message: see the details"])
    }

    @Test func aClientMayPingForAsLongAsAnAnswerArrives() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil))
            let message = [UInt8](repeating: 7, count: 1 << 20)
            for _ in 0..<5 {
                let client = try RawPeer(to: server.address, on: loop)
                let call = try client.request(requestHead(TestMethods.echo.path), body: frame(message))
                // One for each frame of 16 KiB, which may come in two pieces.
                var pings = 0
                call.dataReceived = { [unowned client] in
                    guard $0 / 16384 > pings else { return }
                    pings = $0 / 16384
                    client.session.ping(UInt64(pings))
                    client.flush()
                }
                await client.watch.until("the answer") { call.isClosed }
                #expect(call.data.count == message.count + MessageFraming.prefixLength)
                #expect(call.value(of: "grpc-status", block: 1) == "0")
                #expect(client.record.goAways == [])
                #expect(pings > 50)
                client.close()
            }
            await server.stop(grace: .zero)
        }
    }

    @Test func aFloodIsToldOnceWhyItEnds() async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil))
            let client = try RawPeer(to: server.address, on: loop)
            for number in 0..<100 as Range<UInt64> { client.session.ping(number) }
            client.flush()
            await client.watch.until("the end") { client.isClosed }
            #expect(client.record.goAways == [.init(0, .enhanceYourCalm, "too_many_pings")])
            await server.stop(grace: .zero)
        }
    }

    /// What nghttp2 gives up on.
    enum Fault: CaseIterable {
        case settingsByTheThousand
        case aPingOfThreeBytes

        var bytes: [UInt8] {
            switch self {
            case .settingsByTheThousand: Array(repeating: Fault.settings, count: 3000).flatMap(\.self)
            case .aPingOfThreeBytes: [0, 0, 3, 6, 0, 0, 0, 0, 0, 1, 2, 3]
            }
        }

        var code: UInt8 {
            switch self {
            case .settingsByTheThousand: 11  // ENHANCE_YOUR_CALM
            case .aPingOfThreeBytes: 6  // FRAME_SIZE_ERROR
            }
        }

        static let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
    }

    @Test(arguments: Fault.allCases)
    func whoeverBreaksTheProtocolIsToldOnceWhy(fault: Fault) async throws {
        try await withLoop { loop in
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil))
            let line = ByteRecord(on: loop)
            try line.connect(to: server.address)
            line.send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Fault.settings + fault.bytes)
            await line.watch.until("the end") { line.isClosed }
            // The error code is the payload's second half.
            #expect(frames(in: line.received).filter { $0.type == 7 }.map { $0.payload[7] } == [fault.code])
            await server.stop(grace: .zero)
        }
    }

    private func frames(in bytes: [UInt8]) -> [(type: UInt8, payload: [UInt8])] {
        var frames: [(type: UInt8, payload: [UInt8])] = []
        var rest = bytes[...]
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let length = head[..<3].reduce(0) { $0 << 8 | Int($1) }
            frames.append((head[3], Array(rest.dropFirst(9).prefix(length))))
            rest = rest.dropFirst(9 + length)
        }
        return frames
    }

    @Test func aStreamingHandlerMaySendFromTwoTasks() async throws {
        try await withLoop { loop in
            var router = RPCRouter()
            router.serverStreaming(TestMethods.wait) { (replies: ServerStream) async throws(RPCError) in
                let bound = LoopBound(replies, on: loop)
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<2 as Range<UInt8> {
                        group.addTask(executorPreference: loop) {
                            // Each more than may wait for the client.
                            for _ in 0..<4 {
                                try? await bound.value.send(frame([UInt8](repeating: number, count: 100_000)))
                            }
                        }
                    }
                }
            }
            let server = try RPCServer.onLoop(loop, router)
            let client = try RawPeer(to: server.address, on: loop)
            let call = try client.request(requestHead(TestMethods.wait.path), body: frame([]))
            await client.watch.until("the end") { call.isClosed }
            #expect(call.data.count == 8 * 100_005)
            #expect(call.value(of: "grpc-status", block: 1) == "0")
            await server.stop(grace: .seconds(10))
            await poll("the client has closed", on: loop) { client.isClosed }
        }
    }
}
