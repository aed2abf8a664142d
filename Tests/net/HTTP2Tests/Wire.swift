import Bytes
import HTTP2
import RPCTestSupport
import Testing

/// A client and a server connected in memory.
final class Wire {
    let client: SessionRecord
    let server: SessionRecord
    /// Bytes that went each way.
    private(set) var toServer = 0
    private(set) var toClient = 0

    init(
        client clientConfiguration: HTTP2Configuration = .defaults,
        server serverConfiguration: HTTP2Configuration = .defaults, memory: HTTP2Memory = HTTP2Memory()
    ) throws {
        client = try SessionRecord(.client, clientConfiguration, memory: memory)
        server = try SessionRecord(.server, serverConfiguration, memory: memory)
    }

    /// Moves bytes both ways until both are silent; each time `piece` bytes at most.
    func run(piece: Int = .max) throws {
        while true {
            let sent = try move(from: client, to: server, piece, &toServer)
            let answered = try move(from: server, to: client, piece, &toClient)
            if !sent && !answered { return }
        }
    }

    /// Frees what the sessions have.
    func end() {
        client.session.invalidate()
        server.session.invalidate()
    }

    private func move(
        from source: SessionRecord, to sink: SessionRecord, _ piece: Int, _ total: inout Int
    ) throws -> Bool {
        var bytes: [UInt8] = []
        try source.session.drain(into: &bytes, limit: .max)
        total += bytes.count
        var rest = bytes[...]
        while !rest.isEmpty {
            let next = rest.prefix(piece)
            try sink.session.receive(next.span)
            rest = rest.dropFirst(next.count)
        }
        return !bytes.isEmpty
    }
}

let head = requestHead("/test.Service/Method")
let okHead = HeaderBlock([(":status", "200"), ("content-type", "application/grpc")])
let okTrailers = HeaderBlock([("grpc-status", "0")])

extension Wire {
    /// A request with `body`, which the server has seen the head of.
    func open(body: [UInt8]? = [1, 2, 3]) throws -> (client: StreamRecord, server: StreamRecord) {
        let request = try client.request(head, body: body)
        try run()
        return (request, try #require(server.streams.last))
    }
}

func stream(_ record: StreamRecord) throws -> HTTP2Stream { try #require(record.stream) }
