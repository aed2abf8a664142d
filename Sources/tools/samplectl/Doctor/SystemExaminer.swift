import Addresses
import Diagnosis
import Events
import HTTP
import HTTPTransport
import JSON
import LoadBalancing
import LocalCluster
import Timing

/// What the system on this machine tells of itself. Loop thread only.
struct SystemExaminer {
    private static let patience = Duration.seconds(5)

    let instance: Instance
    let loop: EventLoop

    /// Throws what to do if the system does not run.
    func examine() async throws -> SystemObservation {
        let status = try await ControlClient(instance, on: loop).status()
        var gateways: [SystemObservation.Gateway] = []
        var silent: [String] = []
        for pod in status.pods where pod.component == Component.gateway.name && pod.isReady {
            if let gateway = await ask(pod) { gateways.append(gateway) } else { silent.append(pod.name) }
        }
        let pods = status.pods.filter { !$0.isEnding }.map { pod in
            SystemObservation.Pod(
                name: pod.name, address: pod.address, isServer: pod.component == Component.grpc.name,
                isReady: pod.isReady, status: pod.status + (pod.lastEnd.map { ", the last process \($0)" } ?? ""),
                isListed: pod.dns.isListed)
        }
        return SystemObservation(
            mode: status.mode, suffix: instance.commandSuffix, pods: pods, gateways: gateways, silentGateways: silent)
    }

    private func ask(_ pod: StatusReport.Pod) async -> SystemObservation.Gateway? {
        guard let ip = IPAddress(pod.address) else { return nil }
        let request = HTTPClientRequest(.get, "/go/channel?events=0", host: pod.address)
        let address = SocketAddress.ip(ip, port: Component.servicePort)
        guard let answer = try? await HTTPClient(on: loop).send(request, to: address, timeout: SystemExaminer.patience),
            let channel = try? JSONParser.parse(answer.body), let target = channel["target"]?.string,
            let policy = channel["policy"]?.string, let addresses = channel["resolver"]?["addresses"]?.array
        else { return nil }
        let isIdle = channel["state"]?.string == ConnectivityState.idle.rawValue
        return SystemObservation.Gateway(
            name: pod.name, target: target, policy: policy, addresses: addresses.compactMap(\.string),
            idleReason: isIdle ? channel["idleReason"]?.string ?? "no call yet" : nil,
            problem: channel["resolver"]?["lastError"]?.string)
    }
}
