import Addresses
import Events
import HTTP
import HTTPTransport
import System
import Timing

/// `samplectl readiness POD on|off`: switches a pod's readiness, as an operator does who wants to look at it in peace.
enum ReadinessCommand {
    /// Probes come every 250 ms, and two must fail.
    private static let patience = Duration.seconds(10)
    private static let timeout = Duration.seconds(5)

    static func run(_ context: CommandContext) async throws -> Int32 {
        let pod = context.arguments.operands[0]
        let on = try parse(context.arguments.operands[1])
        let control = ControlClient(try Instance(context.arguments), on: context.loop)
        try await switchReadiness(of: pod, on: on, control, on: context.loop)
        context.print(on ? "\(pod) is ready, and in DNS" : "\(pod) is not ready, and out of DNS; it runs on")
        return 0
    }

    static func parse(_ word: String) throws(UsageError) -> Bool {
        switch word {
        case "on": return true
        case "off": return false
        default: throw UsageError("'\(word)' is neither on nor off")
        }
    }

    /// Returns when DNS has followed.
    static func switchReadiness(
        of name: String, on isOn: Bool, _ control: ControlClient, on loop: EventLoop
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
            throw Failure("there is no pod '\(name)'; samplectl status lists them")
        }
        return pod
    }
}
