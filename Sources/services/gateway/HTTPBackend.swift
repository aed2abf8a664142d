import Addresses
import DNS
import Events
import HTTP
import HTTPTransport
import System
import Telemetry
import Timing

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
    /// nil: nobody wants to see them.
    private let spans: LoopSpans?
    private var memory = AddressMemory()

    init(_ target: HTTPTarget, timeout: Duration, _ spans: LoopSpans?, on loop: EventLoop) {
        self.target = target
        self.loop = loop
        self.spans = spans
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
        guard let spans, trace.context.isSampled else { return try await send(trace, as: trace.context) }
        let context = trace.context.child(using: &spans.generator)
        let start = MonotonicClock.now
        do throws(Failure) {
            let response = try await send(trace, as: context)
            spans.add(span(of: response.status, nil, context, trace, duration: MonotonicClock.now - start))
            return response
        } catch {
            spans.add(span(of: nil, error, context, trace, duration: MonotonicClock.now - start))
            throw error
        }
    }

    private func send(_ trace: RequestTrace, as context: TraceContext) async throws(Failure) -> HTTPClientResponse {
        var fields: HTTPFields = ["Accept": "application/json", "User-Agent": "sample-service"]
        for field in trace.fields(as: context) { fields.append(field.name, field.value) }
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

    /// By OpenTelemetry's conventions for HTTP clients.
    private func span(
        of status: HTTPStatus?, _ failure: Failure?, _ context: TraceContext, _ trace: RequestTrace, duration: Duration
    ) -> SpanRecord {
        var attributes = [
            SpanRecord.Attribute("http.request.method", .text("GET")),
            SpanRecord.Attribute("url.full", .cut("http://\(target.authority)\(target.path)")),
            SpanRecord.Attribute("server.address", .text(target.hostText)),
            SpanRecord.Attribute("server.port", .number(Int64(target.port))),
        ]
        var outcome = SpanRecord.Outcome.unset
        if let status {
            attributes.append(SpanRecord.Attribute("http.response.status_code", .number(Int64(status.code))))
            if status.code >= 400 {
                attributes.append(SpanRecord.Attribute("error.type", .text("\(status.code)")))
                outcome = .error("")
            }
        }
        if let failure {
            attributes.append(SpanRecord.Attribute("error.type", .text(failure.kind)))
            outcome = .error(failure.text)
        }
        return SpanRecord(
            "GET", .client, context, parentID: trace.context.parentID, state: trace.state, end: WallClock.nanoseconds,
            duration: duration, attributes: attributes, outcome: outcome)
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

extension HTTPBackend.Failure {
    /// One of a few, for `error.type`.
    fileprivate var kind: String {
        switch self {
        case .unresolved: "unresolved"
        case .call(let error):
            switch error.problem {
            case .notConnected: "not_connected"
            case .disconnected: "disconnected"
            case .malformedResponse: "malformed_response"
            case .malformedRequest: "malformed_request"
            case .timedOut: "timeout"
            case .cancelled: "cancelled"
            }
        }
    }

    fileprivate var text: String {
        switch self {
        case .unresolved(let reason): reason
        case .call(let error): error.description
        }
    }
}
