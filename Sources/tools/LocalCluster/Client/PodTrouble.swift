import Addresses
package import Events
import HTTP
import HTTPTransport
import JSON
import System
import Terminal

/// Makes a grpc pod slow or faulty for a while, by its admin port.
package enum PodTrouble {
    private static let timeout = Duration.seconds(5)

    /// Of a pod, as it tells it.
    package struct State: Equatable, Sendable {
        package var isOn = false
        package var delay = "0s"
        package var fail = 0.0
        package var code = ""
        package var secondsLeft = 0.0
        package var calls: Int64 = 0
        package var failed: Int64 = 0

        init?(_ json: JSONValue) {
            guard let isOn = json["on"]?.bool else { return nil }
            self.isOn = isOn
            guard isOn else { return }
            guard let delay = json["delay"]?.string, let fail = json["fail"]?.double, let code = json["code"]?.string,
                let secondsLeft = json["secondsLeft"]?.double, let calls = json["calls"]?.integer,
                let failed = json["failed"]?.integer
            else { return nil }
            self.delay = delay
            self.fail = fail
            self.code = code
            self.secondsLeft = secondsLeft
            self.calls = calls
            self.failed = failed
        }
    }

    /// `query` is what follows `/trouble?`; nil only asks.
    package static func ask(
        _ name: String, _ query: String?, _ control: ControlClient, on loop: EventLoop
    ) async throws -> State {
        guard let pod = try await control.status().pods.first(where: { $0.name == name }) else {
            throw Failure("there is no pod '\(name)'; \(Program.name) status lists them")
        }
        guard pod.component == Component.grpc.name else { throw Failure("only grpc pods can be told to make trouble") }
        guard let address = IPAddress(pod.address) else { throw Failure("\(pod.address) is not an address") }
        let request = HTTPClientRequest(
            query == nil ? .get : .post, "/trouble" + (query.map { "?\($0)" } ?? ""), host: pod.address)
        do {
            let response = try await HTTPClient(on: loop).send(
                request, to: .ip(address, port: Component.adminPort), timeout: timeout)
            return try read(response, of: name)
        } catch let error as HTTPClientError {
            throw Failure("\(name) cannot be told: \(error)")
        }
    }

    private static func read(_ response: HTTPClientResponse, of name: String) throws -> State {
        switch response.status {
        case .ok:
            guard let json = try? JSONParser.parse(response.body), let state = State(json) else {
                throw Failure("\(name) answers with something else than its trouble")
            }
            return state
        case .badRequest:
            let reason = String(decoding: response.body.prefix(300), as: UTF8.self)
            throw Failure(reason.split(separator: "\n").first.map(String.init) ?? "\(name) refuses it")
        case .notFound: throw Failure("\(name) makes no trouble: it was started without TROUBLE=on")
        default: throw Failure("\(name) answers \(response.status)")
        }
    }
}
