import Addresses
import Bytes
import DNS
import Events
import HTTP
import HTTPTransport
import JSON
import RPCCore
import System
import TLS
import Timing

/// The two requests that the resolver makes of the API server. Loop thread only.
final class KubernetesAPI {
    /// Bytes of one page of a list; a slice of 100 pods has about 30 KiB.
    static let mostListBytes = 16 << 20
    /// Slices that a page is to have.
    private static let pageSize = 100
    /// Bytes of an error's body.
    private static let mostErrorBytes = 64 << 10

    private let configuration: KubernetesConfiguration
    private let service: String
    private let namespace: String
    private let loop: EventLoop
    private let names: DNSClient
    /// nil until the authority's certificate has been read.
    private var credentials: TLSCredentials?

    init(_ configuration: KubernetesConfiguration, service: String, namespace: String, on loop: EventLoop) {
        self.configuration = configuration
        self.service = service
        self.namespace = namespace
        self.loop = loop
        names = DNSClient(on: loop)
    }

    func list(page: String?) async throws(SliceWatchMachine.Failure) -> EndpointSlicePage {
        var query = ["limit=\(KubernetesAPI.pageSize)"]
        if let page { query.append("continue=\(PercentCoding.encodeComponent(page))") }
        let stream = try await open(query)
        defer { stream.close() }
        let body = try await rest(of: stream, limit: KubernetesAPI.mostListBytes)
        return try KubernetesAPI.read(body) { (json) throws(MalformedAnswer) in try EndpointSlicePage(json) }
    }

    func watch(from version: String) async throws(SliceWatchMachine.Failure) -> SliceWatch {
        let duration = configuration.watchTime + configuration.watchTime / 2 * Double.random(in: 0..<1)
        let stream = try await open([
            "watch=true", "allowWatchBookmarks=true", "resourceVersion=\(PercentCoding.encodeComponent(version))",
            "timeoutSeconds=\(max(1, duration.components.seconds))",
        ])
        return SliceWatch(stream, endsAt: MonotonicClock.now + duration + configuration.watchMargin)
    }

    /// The response to a request, if it is 200.
    private func open(_ query: [String]) async throws(SliceWatchMachine.Failure) -> HTTPResponseStream {
        let selector = PercentCoding.encodeComponent("kubernetes.io/service-name=\(service)")
        let path = "/apis/discovery.k8s.io/v1/namespaces/\(namespace)/endpointslices"
        let request = HTTPClientRequest(
            .get, "\(path)?\((["labelSelector=\(selector)"] + query).joined(separator: "&"))",
            host: configuration.authority,
            fields: [
                "Accept": "application/json", "User-Agent": "sample-service", "Authorization": "Bearer \(try token())",
            ])
        let server = try await address()
        let client = try client()
        let stream: HTTPResponseStream
        do throws(HTTPClientError) {
            stream = try await client.stream(request, to: server, timeout: configuration.requestTimeout)
        } catch {
            throw .connection(error.briefly)
        }
        guard stream.head.status != .ok else { return stream }
        defer { stream.close() }
        let body = try await rest(of: stream, limit: KubernetesAPI.mostErrorBytes)
        // A date, the other form (RFC 9110, section 10.2.3), no API server sends.
        let seconds = stream.head.fields["Retry-After"].flatMap { Decimal.number($0.utf8.span) }
        // Beyond a day it is cut anyway, and Duration has an end.
        let retryAfter = seconds.map { Duration.seconds(min($0, 86_400)) }
        throw .answer(StatusAnswer(stream.head.status, body: body), retryAfter: retryAfter)
    }

    private func rest(
        of stream: HTTPResponseStream, limit: Int
    ) async throws(SliceWatchMachine.Failure) -> [UInt8] {
        do throws(HTTPClientError) {
            return try await stream.rest(limit: limit, within: configuration.requestTimeout)
        } catch {
            throw .connection(error.briefly)
        }
    }

    static func read<Value>(
        _ text: [UInt8], as make: (JSONValue) throws(MalformedAnswer) -> Value
    ) throws(SliceWatchMachine.Failure) -> Value {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONParser.parse(text, limits: JSONParser.Limits(bytes: mostListBytes, depth: 64))
        } catch {
            throw .malformed("bad answer: \(error)")
        }
        do throws(MalformedAnswer) {
            return try make(json)
        } catch {
            throw .malformed(error.description)
        }
    }

    private func token() throws(SliceWatchMachine.Failure) -> String {
        do throws(RPCError) {
            return try configuration.account.token()
        } catch {
            throw .connection(error.message)
        }
    }

    private func client() throws(SliceWatchMachine.Failure) -> HTTPClient {
        var http = HTTPClient.Configuration.defaults
        http.dialer = try dialer()
        return HTTPClient(on: loop, configuration: http)
    }

    private func dialer() throws(SliceWatchMachine.Failure) -> any Dialer {
        if let dialer = configuration.dialer { return dialer }
        if let credentials { return TLSDialer(credentials, serverName: configuration.host) }
        do throws(TLSFault) {
            // Believes this authority and no other, and reads it again when it has changed.
            let files = TLSFiles(authorities: configuration.account.certificateAuthority)
            let credentials = try TLSCredentials(TLSMaterial(.client), files: files)
            self.credentials = credentials
            return TLSDialer(credentials, serverName: configuration.host)
        } catch {
            throw .connection(error.description)
        }
    }

    private func address() async throws(SliceWatchMachine.Failure) -> SocketAddress {
        if let address = IPAddress(configuration.host) { return .ip(address, port: configuration.port) }
        do throws(DNSError) {
            let answer = try await names.addresses(of: configuration.host)
            guard let first = answer.addresses.first else { throw DNSError.none(configuration.host) }
            return .ip(first, port: configuration.port)
        } catch {
            throw .connection(error.description)
        }
    }
}

/// One watch. Loop thread only.
final class SliceWatch {
    private let stream: HTTPResponseStream
    private let endsAt: Instant
    private var lines = WatchLines()

    init(_ stream: HTTPResponseStream, endsAt: Instant) {
        self.stream = stream
        self.endsAt = endsAt
    }

    /// nil once the server has ended it, or should have.
    func next() async throws(SliceWatchMachine.Failure) -> WatchEvent? {
        while true {
            if let line = try nextLine() {
                return try KubernetesAPI.read(line) { (json) throws(MalformedAnswer) in try WatchEvent(json) }
            }
            do throws(HTTPClientError) {
                guard let bytes = try await stream.next(within: endsAt - MonotonicClock.now) else { return nil }
                lines.append(bytes)
            } catch {
                throw .connection(error.briefly)
            }
        }
    }

    private func nextLine() throws(SliceWatchMachine.Failure) -> [UInt8]? {
        do throws(WatchLines.TooLong) {
            return try lines.next()
        } catch {
            throw .malformed("an event has more than \(WatchLines.mostEventBytes) bytes")
        }
    }

    func close() { stream.close() }
}

extension HTTPClientError {
    /// Without the request, whose query nobody wants to read.
    fileprivate var briefly: String {
        var error = self
        error.request = error.request.split(separator: "?").first.map(String.init) ?? ""
        return error.description
    }
}

extension DNSError {
    fileprivate static func none(_ host: String) -> DNSError {
        DNSError(host: host, servers: "", reason: .noAddresses)
    }
}
