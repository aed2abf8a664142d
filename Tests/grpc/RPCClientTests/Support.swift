import Addresses
import Events
import RPCCore
import RPCServer
import RPCTestSupport

/// Servers that echo, and count what they are sent. Loop thread only.
final class Fleet {
    private(set) var servers: [RPCServer] = []
    private(set) var counts: [Int] = []
    let gate: Gate
    private let loop: EventLoop

    init(_ count: Int, on loop: EventLoop) throws {
        self.loop = loop
        gate = Gate(on: loop)
        for _ in 0..<count { try add() }
    }

    var addresses: [SocketAddress] { servers.map(\.address) }

    func add(at address: SocketAddress = .loopback) throws {
        let number = servers.count
        counts.append(0)
        var router = RPCRouter()
        router.unary(TestMethods.echo) { (request: [UInt8], _, reply: inout [UInt8]) async throws(RPCError) in
            self.counts[number] += 1
            reply += request
        }
        let gate = gate
        router.unary(TestMethods.wait) { (request: [UInt8], _, reply: inout [UInt8]) async throws(RPCError) in
            self.counts[number] += 1
            await gate.pass()
            reply += request
        }
        servers.append(try RPCServer.onLoop(loop, router, address: address))
    }

    func resetCounts() { counts = counts.map { _ in 0 } }

    func stop(grace: Duration = .seconds(10)) async {
        for server in servers { await server.stop(grace: grace) }
    }
}
