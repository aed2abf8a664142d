import Addresses
import DNS
import Events
import HTTP
import Timing
import Web

/// The service behind `HTTP_TARGET`, called over HTTP/1.1 on connections that are kept.
///
/// Its name usually stands for a virtual address (ClusterIP): the pod is chosen by kube-proxy, once for each
/// connection, and not by this client. Loop thread only.
final class HTTPBackend {
    /// An answer of DNS is good for at least this long, whatever its time to live says: a name server that answers with
    /// zero must not cost every request a look-up.
    private static let shortestMemory = Duration.seconds(1)
    private static let longestMemory = Duration.seconds(30)

    let target: HTTPTarget
    private let loop: EventLoop
    private let timeout: Duration
    private let client: HTTPClient
    private let dns: DNSClient
    private var known: (addresses: [IPAddress], until: Instant)?

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
            // The address may be out of date; the next request asks anew.
            known = nil
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
        if let known, loop.now < known.until { return known.addresses }
        do throws(DNSError) {
            let answer = try await dns.addresses(of: name)
            let memory = min(max(answer.timeToLive ?? .zero, HTTPBackend.shortestMemory), HTTPBackend.longestMemory)
            known = (answer.addresses, loop.now + memory)
            return answer.addresses
        } catch {
            throw .unresolved(error.description)
        }
    }
}
