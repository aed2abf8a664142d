import Addresses
package import Events
import HTTP
import HTTPTransport
import JSON
import LoadBalancing
import System
package import Terminal
import Timing

/// Asks a system's supervisor. Loop thread only.
package struct ControlClient {
    private let instance: Instance
    private let client: HTTPClient
    private let socket: SocketAddress

    package init(_ instance: Instance, on loop: EventLoop) {
        self.instance = instance
        client = HTTPClient(on: loop)
        socket = .unix(path: StateDirectory(instance.directory).control)
    }

    package func status() async throws(Failure) -> StatusReport {
        guard let report = StatusReport(try await send(.get, "/status")) else {
            throw Failure(
                "the supervisor's answer is not understood: it is of another version; \(Program.name) down, then up")
        }
        return report
    }

    /// Lists and watches that the fake of Kubernetes' API was asked for.
    package func apiRequests() async throws(Failure) -> (lists: Int, watches: Int) {
        let json = try await send(.get, "/api")
        guard let lists = json["lists"]?.integer, let watches = json["watches"]?.integer else {
            throw Failure("the supervisor's answer has no lists or no watches")
        }
        return (Int(lists), Int(watches))
    }

    package func scale(_ component: String, to count: Int) async throws(Failure) {
        _ = try await send(.post, "/scale?component=\(component)&replicas=\(count)")
    }

    package func restart(_ component: String) async throws(Failure) {
        _ = try await send(.post, "/restart?component=\(component)")
    }

    package func changeMode(to mode: Mode, policy: UpOptions.Policy?) async throws(Failure) {
        let choice = policy.map { "&policy=\($0.rawValue)" } ?? ""
        _ = try await send(.post, "/mode?mode=\(mode.name)\(choice)")
    }

    package func kill(_ pod: String) async throws(Failure) -> Int {
        Int(try await send(.post, "/kill?pod=\(pod)")["pid"]?.integer ?? 0)
    }

    package func down() async throws(Failure) {
        _ = try await send(.post, "/down")
    }

    private func send(_ method: HTTPMethod, _ target: String) async throws(Failure) -> JSONValue {
        let response: HTTPClientResponse
        do {
            response = try await client.send(
                HTTPClientRequest(method, target, host: "supervisor"), to: socket, timeout: .seconds(5))
        } catch {
            guard case .notConnected = error.problem else { throw Failure("the supervisor does not answer: \(error)") }
            throw Failure("\(instance.name) is not running: \(Program.name) up\(instance.commandSuffix) starts it")
        }
        let json = (try? JSONParser.parse(response.body)) ?? .null
        guard response.status.code < 400 else {
            throw Failure(json["error"]?.string ?? "the supervisor answers \(response.status)")
        }
        return json
    }
}
