import Events
import HTTP2
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing

/// A server of one method, and a client of raw HTTP/2. Loop thread only.
struct StreamRun {
    let loop: EventLoop
    let server: RPCServer
    let client: RawPeer
    let tracer: ObserverRecord
    let method: MethodDescriptor
    let gate: Gate

    func open(_ more: [(name: String, value: String)] = []) throws -> StreamRecord {
        try client.request(requestHead(method.path, more), body: nil)
    }

    func send(_ payload: [UInt8], on call: StreamRecord) {
        guard let stream = call.stream else { return }
        client.session.send(frame(payload), on: stream)
        client.flush()
    }

    func end(_ call: StreamRecord) {
        guard let stream = call.stream else { return }
        client.session.end(stream)
        client.flush()
    }
}

/// Runs `body` beside a server whose method is `handler`.
func withStreamServer(
    _ method: MethodDescriptor, _ configuration: RPCServer.Configuration = .init(), window: Int32 = 256 * 1024,
    interceptors: @escaping @Sendable (EventLoop) -> [ServerInterceptor] = { _ in [] },
    _ handler: @escaping @Sendable (Gate, ServerStream) async throws(RPCError) -> Void,
    check body: @escaping @Sendable (StreamRun) async throws -> Void
) async throws {
    try await withLoop { loop in
        var router = RPCRouter()
        let gate = Gate(on: loop)
        router.stream(method) { (stream: ServerStream) async throws(RPCError) in try await handler(gate, stream) }
        let tracer = ObserverRecord(on: loop)
        let server = try RPCServer.onLoop(
            loop, router, configuration, interceptors: interceptors(loop), tracers: [tracer])
        var http2 = HTTP2Configuration.defaults
        http2.initialWindow = window
        let client = try RawPeer(to: server.address, on: loop, http2)
        try await body(
            StreamRun(loop: loop, server: server, client: client, tracer: tracer, method: method, gate: gate))
        await server.stop(grace: .zero)
        await poll("the client has closed", on: loop) { client.isClosed }
    }
}

extension MethodDescriptor {
    static let chat = MethodDescriptor(service: "test.Service", method: "Chat", type: .bidirectional)
    static let collect = MethodDescriptor(service: "test.Service", method: "Collect", type: .clientStreaming)
    static let one = MethodDescriptor(service: "test.Service", method: "One", type: .unary)
}
