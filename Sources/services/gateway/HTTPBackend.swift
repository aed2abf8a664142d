import Addresses
import DNS
import Events
import HTTP
import HTTPTransport
import Telemetry

/// The service behind `HTTP_TARGET`, called over HTTP/1.1 on connections that are kept.
///
/// Its name usually stands for a virtual address (ClusterIP): the pod is chosen by kube-proxy, once for each
/// connection, and not by this client. Loop thread only.
final class HTTPBackend {
    let target: HTTPTarget
    private let loop: EventLoop
    private let timeout: Duration
    private let client: HTTPClient
    private let dns: DNSClient
    private var memory = AddressMemory()

    init(_ target: HTTPTarget, timeout: Duration, on loop: EventLoop) {
        self.target = target
        self.loop = loop
        self.timeout = timeout
        var configuration = HTTPClient.Configuration.defaults
        configuration.idleConnections = 16
        client = HTTPClient(on: loop, configuration: configuration)
        dns = DNSClient(on: loop)
    }

    enum Failure: Error {
        /// Why the name has no address.
        case unresolved(String)
        case call(HTTPClientError)
    }

    /// One GET. Call it from a task on the loop.
    func get(_ trace: RequestTrace) async throws(Failure) -> HTTPClientResponse {
        var fields: HTTPFields = ["Accept": "application/json", "User-Agent": "sample-service"]
        for field in trace.fields { fields.append(field.name, field.value) }
        let request = HTTPClientRequest(.get, target.path, host: target.authority, fields: fields)
        let addresses = try await addresses()
        do throws(HTTPClientError) {
            return try await client.send(request, to: .ip(addresses[0], port: target.port), timeout: timeout)
        } catch {
            switch error.problem {
            case .notConnected, .disconnected, .timedOut: memory.doubt()
            case .malformedResponse, .malformedRequest, .cancelled: break
            }
            throw .call(error)
        }
    }

    /// Never empty.
    private func addresses() async throws(Failure) -> [IPAddress] {
        let name: String
        switch target.host {
        case .address(let address): return [address]
        case .name(let text): name = text
        }
        if let known = memory.addresses(at: loop.now) { return known }
        do throws(DNSError) {
            let answer = try await dns.addresses(of: name)
            memory.learn(answer.addresses, timeToLive: answer.timeToLive, at: loop.now)
            return answer.addresses
        } catch {
            throw .unresolved(error.description)
        }
    }
}
