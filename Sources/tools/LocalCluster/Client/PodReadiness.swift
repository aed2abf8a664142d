import Addresses
package import Events
import HTTP
import HTTPTransport
import System
import Terminal
import Timing

/// Switches a pod's readiness by its admin port.
package enum PodReadiness {
    /// Probes come every 250 ms, and two must fail.
    private static let patience = Duration.seconds(10)
    private static let timeout = Duration.seconds(5)

    /// Returns when DNS has followed.
    package static func set(
        _ isOn: Bool, of name: String, _ control: ControlClient, on loop: EventLoop
    ) async throws {
        let pod = try await find(name, control)
        guard let component = Component.named(pod.component), component.readiness == .admin else {
            throw Failure("the readiness of \(pod.component) cannot be switched")
        }
        guard let address = IPAddress(pod.address) else { throw Failure("\(pod.address) is not an address") }
        let request = HTTPClientRequest(
            .post, isOn ? "/readyz/enable" : "/readyz/disable", host: pod.address)
        do {
            let response = try await HTTPClient(on: loop).send(
                request, to: .ip(address, port: component.readiness.port), timeout: timeout)
            guard response.status == .ok else { throw Failure("\(name) answers \(response.status)") }
        } catch let error as HTTPClientError {
            throw Failure("\(name) cannot be told: \(error)")
        }
        let deadline = MonotonicClock.now + patience
        while true {
            let pod = try await find(name, control)
            if isOn ? pod.isAvailable : pod.dns.isAbsent { return }
            guard MonotonicClock.now < deadline else {
                throw Failure("\(name) has been told, but \(isOn ? "is not ready" : "is still in DNS"); see its logs")
            }
            try await loop.sleep(for: .milliseconds(20))
        }
    }

    private static func find(_ name: String, _ control: ControlClient) async throws(Failure) -> StatusReport.Pod {
        guard let pod = try await control.status().pods.first(where: { $0.name == name }) else {
            throw Failure("there is no pod '\(name)'; \(Program.name) status lists them")
        }
        return pod
    }
}
