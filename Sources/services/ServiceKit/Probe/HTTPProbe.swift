import Addresses
import Bytes
package import Events
import HTTP
import HTTPTransport
import Telemetry
import Timing

/// Asks a service's admin port whether it is ready.
package enum HTTPProbe {
    /// Call it from a task on `loop`.
    package static func run(_ options: ProbeOptions, on loop: EventLoop) async -> ProbeOutcome {
        if options.tls != nil { return .badArguments("the admin port, which is asked, speaks no TLS") }
        let client = HTTPClient(on: loop)
        let request = HTTPClientRequest(.get, "/readyz", host: host(options.address))
        do {
            return outcome(try await client.send(request, to: options.address, timeout: options.timeout))
        } catch {
            switch error.problem {
            case .notConnected(let reason): return .noConnection(reason)
            case .disconnected, .malformedResponse, .malformedRequest, .timedOut, .cancelled:
                return .callFailed(error.description)
            }
        }
    }

    /// A path is no authority (RFC 3986 section 3.2): servers refuse it.
    private static func host(_ address: SocketAddress) -> String {
        switch address {
        case .ip, .host: address.description
        case .unix, .unixAbstract: "localhost"
        }
    }

    private static func outcome(_ response: HTTPClientResponse) -> ProbeOutcome {
        switch response.status {
        case .ok: return .serving
        case .serviceUnavailable: return .notServing(firstLine(response.body))
        default: return .callFailed("GET /readyz answered \(response.status)")
        }
    }

    private static func firstLine(_ body: [UInt8]) -> String {
        var text: [UInt8] = []
        PrintableText.append(String(decoding: body.prefix { $0 != 0x0A }, as: UTF8.self), to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
