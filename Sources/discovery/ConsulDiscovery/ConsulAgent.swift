import Addresses
import Bytes
import DNS
import Events
import HTTP
import HTTPTransport
import RPCCore
import System
import Timing

/// Consul's agent, asked over HTTP. Loop thread only.
final class ConsulAgent {
    let address: ConsulAddress
    private let token: ConsulToken?
    private let loop: EventLoop
    private let client: HTTPClient
    private let dns: DNSClient
    private var known: ConsulAgentAddress
    private var tasks: [Int: Task<Result<HTTPClientResponse, RPCError>, Never>] = [:]
    private var requests = 0

    /// For a look-up where its failure still leaves an address to ask.
    private static let lookUpTime = Duration.seconds(2)
    /// An entry of the health endpoint has about 1.5 KiB: enough for 2700 pods.
    private static let bodyBytes = 4 << 20
    /// Of an answer that tells of an error.
    private static let shownBytes = 200

    /// Without `keepsConnection` each request has a connection of its own, and nothing is ever sent twice; with
    /// `keepsAddress` all go to the one address that a name had first, as long as it answers.
    init(_ access: ConsulAccess, keepsConnection: Bool, keepsAddress: Bool, on loop: EventLoop) {
        known = ConsulAgentAddress(isKept: keepsAddress)
        address = access.address
        token = access.token
        self.loop = loop
        var configuration = HTTPClient.Configuration.defaults
        configuration.idleConnections = keepsConnection ? 1 : 0
        configuration.dialer = access.dialer
        configuration.limits.bodyBytes = ConsulAgent.bodyBytes
        client = HTTPClient(on: loop, configuration: configuration)
        dns = DNSClient(on: loop)
    }

    /// One request, at most for `timeout`. Every answer of Consul's is a result, whatever its status; an error is
    /// UNAVAILABLE, or CANCELLED after `shutdown`. Call it from a task on the loop.
    func send(
        _ method: HTTPMethod, _ target: String, body: [UInt8] = [], timeout: Duration
    ) async throws(RPCError) -> HTTPClientResponse {
        loop.preconditionCurrent()
        requests += 1
        let number = requests
        let bound = LoopBound(self, on: loop)
        let task = Task(executorPreference: loop) { () async -> Result<HTTPClientResponse, RPCError> in
            do throws(RPCError) {
                return .success(try await bound.value.exchange(method, target, body: body, timeout: timeout))
            } catch {
                return .failure(error)
            }
        }
        tasks[number] = task
        defer { tasks[number] = nil }
        return try await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }.get()
    }

    /// Ends every request that is under way.
    func shutdown() {
        for task in tasks.values { task.cancel() }
        client.closeIdleConnections()
    }

    private func exchange(
        _ method: HTTPMethod, _ target: String, body: [UInt8], timeout: Duration
    ) async throws(RPCError) -> HTTPClientResponse {
        let deadline = MonotonicClock.now + timeout
        let ip = try await resolve(within: timeout)
        var fields: HTTPFields = ["Accept": "application/json", "User-Agent": "sample-service"]
        if let token { fields.append("X-Consul-Token", token.text) }
        let request = HTTPClientRequest(method, target, host: address.description, fields: fields, body: body)
        let left = max(deadline - MonotonicClock.now, .milliseconds(1))
        do throws(HTTPClientError) {
            return try await client.send(request, to: .ip(ip, port: address.port), timeout: left)
        } catch {
            if error.problem != .cancelled { known.failed() }
            let code: StatusCode = error.problem == .cancelled ? .cancelled : .unavailable
            throw RPCError(code, "Consul: \(error)")
        }
    }

    private func resolve(within limit: Duration) async throws(RPCError) -> IPAddress {
        if let literal = IPAddress(address.host) { return literal }
        if let ip = known.address(at: loop.now) { return ip }
        let limit = known.hasLast ? min(limit / 2, ConsulAgent.lookUpTime) : limit
        do throws(DNSError) {
            let answer = try await dns.addresses(of: address.host, within: limit)
            if let ip = known.found(answer.addresses, timeToLive: answer.timeToLive, at: loop.now) { return ip }
            throw DNSError(host: address.host, servers: "", reason: .other("the name has no address"))
        } catch {
            if Task.isCancelled { throw RPCError(.cancelled, "Consul at \(address): \(error)") }
            if let ip = known.lookUpFailed(at: loop.now) { return ip }
            throw RPCError(.unavailable, "Consul at \(address): \(error)")
        }
    }

    /// What Consul answered that was not 200: it says the reason as text.
    func refusal(_ response: HTTPClientResponse, of what: String) -> RPCError {
        var text: [UInt8] = []
        let body = String(decoding: response.body.prefix(ConsulAgent.shownBytes), as: UTF8.self)
        PrintableText.append(body, to: &text)
        let status = "\(response.status.code) \(response.status.reason)"
        let code: StatusCode =
            switch response.status.code {
            case 401, 403: .permissionDenied
            case 404: .notFound
            default: .unavailable
            }
        let reason = text.isEmpty ? status : "\(status): \(String(decoding: text, as: UTF8.self))"
        return RPCError(code, "Consul at \(address) refuses \(what): \(reason)")
    }
}
