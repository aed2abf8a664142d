import Addresses
import Bytes
package import Events
import HTTP
import HTTPTransport
import JSON
package import RPCCore
package import Registration
import Timing

/// A pod's entry in Consul: a service of the agent's, with a check that the pod itself passes from time to time.
/// Loop thread only.
package final class ConsulRegistryClient: RegistryClient {
    private let agent: ConsulAgent
    private let entry: RegistryEntry
    private let ip: IPAddress
    private let port: UInt16
    /// Consul takes out what has been critical for so long; it accepts no less.
    private static let shortestCritical = Duration.seconds(60)

    /// Throws INVALID_ARGUMENT for an address without a port: Consul has no entry for a path.
    package init(
        _ entry: RegistryEntry, at access: ConsulAccess, on loop: EventLoop
    ) throws(RPCError) {
        guard case .ip(let ip, let port) = entry.address else {
            throw RPCError(.invalidArgument, "Consul cannot name \(entry.address), which is no IP address with a port")
        }
        self.entry = entry
        self.ip = ip
        self.port = port
        agent = ConsulAgent(access, keepsConnection: true, keepsAddress: true, on: loop)
    }

    package var timeToLive: Duration { entry.timeToLive }

    package var name: String { "Consul at \(agent.address)" }

    /// Registers, and passes the check at once: of an entry that exists, Consul keeps the check's state, and of a pod
    /// that was killed that is `critical`, whatever the new entry says.
    package func register() async throws(RPCError) {
        let target = "/v1/agent/service/register?replace-existing-checks=true"
        try await put(target, body: body, what: "the entry of \(entry.instance)")
        try await renew()
    }

    package func renew() async throws(RPCError) {
        let target = "/v1/agent/check/pass/\(PercentCoding.encodeComponent(checkID))"
        let response = try await agent.send(.put, target, timeout: requestTime)
        if response.status.code == 200 { return }
        var refusal = agent.refusal(response, of: "the renewal of \(entry.instance)")
        // 1.8 answers 500 `CheckID "service:x" does not have associated TTL`, later ones 404 `Unknown check ID`.
        let body = String(decoding: response.body, as: UTF8.self)
        if body.contains("does not have associated TTL") || body.contains("nknown check") { refusal.code = .notFound }
        throw refusal
    }

    package func deregister() async throws(RPCError) {
        let target = "/v1/agent/service/deregister/\(PercentCoding.encodeComponent(entry.instance))"
        do throws(RPCError) {
            try await put(target, what: "to take out \(entry.instance)")
        } catch {
            // Later versions say 404 of an entry that is not there; 1.8 says 200.
            guard error.code == .notFound else { throw error }
        }
    }

    package func shutdown() { agent.shutdown() }

    private func put(_ target: String, body: [UInt8] = [], what: String) async throws(RPCError) {
        let response = try await agent.send(.put, target, body: body, timeout: requestTime)
        guard response.status.code == 200 else { throw agent.refusal(response, of: what) }
    }

    private var checkID: String { "service:\(entry.instance)" }

    private var body: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.key("ID")
        writer.string(entry.instance)
        writer.key("Name")
        writer.string(entry.service)
        writer.key("Address")
        writer.string("\(ip)")
        writer.key("Port")
        writer.int(port)
        writer.key("Check")
        writer.beginObject()
        writer.key("CheckID")
        writer.string(checkID)
        writer.key("TTL")
        writer.string(ConsulRegistryClient.format(timeToLive))
        writer.key("Status")
        writer.string("passing")
        writer.key("DeregisterCriticalServiceAfter")
        writer.string(ConsulRegistryClient.format(max(timeToLive * 6, ConsulRegistryClient.shortestCritical)))
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// As Go reads it.
    private static func format(_ duration: Duration) -> String { "\(duration.nanoseconds / 1_000_000)ms" }
}
