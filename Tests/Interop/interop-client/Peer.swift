import Addresses
import Events
import InteropAPI
import LoadBalancing
import RPCClient
import RPCCore
import Resolvers
import Timing

enum CaseError: Error {
    case failed(String)
    case notApplicable(String)
}

/// A channel to the server under test.
struct Peer {
    static let largeRequest = 271_828
    static let largeResponse = 314_159
    /// For what hangs, not for what is slow beside other work.
    static let limit = Duration.seconds(60)

    let address: SocketAddress
    let loop: EventLoop
    let channel: Channel

    init(_ address: SocketAddress, on loop: EventLoop) {
        self.address = address
        self.loop = loop
        let resolver = StaticResolver([Endpoint(address)], on: loop)
        let target = Target(scheme: "ipv4", endpoint: address.description)
        channel = Channel(target: target, resolver: resolver, policy: PickFirst(), on: loop)
    }

    var client: TestClient { TestClient(channel) }
    var options: CallOptions { CallOptions(timeout: Peer.limit) }

    func payload(_ size: Int) -> Payload { Payload(body: [UInt8](repeating: 0, count: size)) }

    var largeRequest: SimpleRequest {
        SimpleRequest(responseSize: Int32(Peer.largeResponse), payload: payload(Peer.largeRequest))
    }

    /// For these sizes of responses, and with a payload.
    func outputRequest(_ sizes: [Int], payload size: Int = 0) -> StreamingOutputCallRequest {
        StreamingOutputCallRequest(
            responseParameters: sizes.map { ResponseParameters(size: Int32($0)) }, payload: payload(size))
    }

    // MARK: What is expected

    func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws(CaseError) {
        if !condition { throw .failed(what()) }
    }

    func expect(_ payload: Payload?, size: Int) throws(CaseError) {
        let body = payload?.body ?? []
        try expect(body.count == size && body.allSatisfy { $0 == 0 }, "a payload of \(body.count) bytes, not \(size)")
    }

    /// What a call brings that is to succeed.
    func success<Value>(_ call: () async throws(RPCError) -> Value) async throws(CaseError) -> Value {
        do throws(RPCError) {
            return try await call()
        } catch {
            throw .failed("the call failed: \(error)")
        }
    }

    /// A call that is to fail in this way.
    @discardableResult
    func failure<Value>(
        _ code: StatusCode, _ message: String? = nil, _ call: () async throws(RPCError) -> Value
    ) async throws(CaseError) -> RPCError {
        do throws(RPCError) {
            _ = try await call()
        } catch {
            try expect(error.code == code, "the call failed with \(error), expected \(code.name)")
            if let message { try expect(error.message == message, "the status says \"\(error.message)\"") }
            return error
        }
        throw .failed("the call did not fail, expected \(code.name)")
    }

    func large() async throws(CaseError) {
        let response = try await success { () throws(RPCError) in
            try await client.unaryCall(largeRequest, options: options)
        }
        try expect(response.payload, size: Peer.largeResponse)
    }
}
