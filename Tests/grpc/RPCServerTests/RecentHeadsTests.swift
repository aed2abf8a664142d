import Bytes
import Events
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing
import Timing

/// What a server makes of heads that are partly those of the calls before.
@Suite(.timeLimit(.minutes(5))) struct RecentHeadsTests {
    private final class Heads: ServerTracer {
        private(set) var lines: [String] = []

        func callBegan(_ call: ServerContext) -> (any ServerCallTracer)? {
            var line = String(decoding: call.path, as: UTF8.self)
            call.metadata.forEach { name, value in
                line += " \(String(validating: name) ?? "?")=\(String(validating: value) ?? "?")"
            }
            lines.append(line + (call.deadline == .distantFuture ? "" : " timed"))
            return nil
        }
    }

    /// In random order: the same head again, longer and shorter ones, other paths, deadlines, and faults between them.
    @Test(arguments: 0..<10 as Range<UInt64>) func eachCallHasItsOwnHead(seed: UInt64) async throws {
        try await withLoop { loop in
            var random = SplitMix64(seed: seed)
            func next(_ limit: UInt64) -> UInt64 { random.next() % limit }
            let heads = Heads()
            let server = try RPCServer.onLoop(loop, RPCRouter(echoing: nil), tracers: [heads])
            let client = try RawPeer(to: server.address, on: loop)
            var expected: [String] = []
            var calls: [StreamRecord] = []
            var last: (head: [(name: String, value: String)], line: String) = ([], "")
            for _ in 0..<150 {
                if last.head.isEmpty || next(3) > 0 {
                    let path = next(4) == 0 ? "/test.Service/Other" : TestMethods.echo.path
                    let isTimed = next(3) == 0
                    // The same keys and values time and again, so that heads begin alike.
                    let more = (0..<next(4)).map { (name: "x-\($0)", value: next(3) == 0 ? "b" : "a") }
                    last.head = requestHead(path, (isTimed ? [(name: "grpc-timeout", value: "9S")] : []) + more)
                    last.line = path + more.map { " \($0.name)=\($0.value)" }.joined() + (isTimed ? " timed" : "")
                }
                switch next(8) {
                case 0:
                    // A fault of HTTP/2 (RFC 9113 section 8.2.2): nobody hears of this one.
                    var bad = last.head
                    bad.insert((name: "connection", value: "close"), at: bad.count - Int(next(2)))
                    calls.append(try client.request(bad, body: frame([1])))
                case 1:
                    // No call of gRPC's.
                    let get = last.head.map { $0.name == ":method" ? (name: ":method", value: "GET") : $0 }
                    calls.append(try client.request(get, body: []))
                default:
                    calls.append(try client.request(last.head, body: frame([1])))
                    expected.append(last.line)
                }
            }
            await client.watch.until("all answers") { calls.allSatisfy(\.isClosed) }
            #expect(heads.lines == expected)
            client.close()
            await server.stop(grace: .zero)
        }
    }
}
