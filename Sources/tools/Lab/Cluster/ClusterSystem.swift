import Doctor
import Events
import HTTP
import Instruments
import JSON
import System
import Terminal
import Timing

/// A release in a cluster, driven through kubectl. Loop thread only.
final class ClusterSystem: TrialSystem {
    let setup: TrialSetup
    let entry: EntryClient
    private let release: ClusterRelease
    private let kubectl: Kubectl
    private let loop: EventLoop
    private var known = ClusterPods()
    private var slow: [String] = []

    init(_ release: ClusterRelease, entry: EntryClient, through kubectl: Kubectl, on loop: EventLoop) {
        self.release = release
        setup = release.setup
        self.entry = entry
        self.kubectl = kubectl
        self.loop = loop
    }

    func obstacle(to deed: TrialDeed) -> String? {
        switch deed {
        case .scale, .restart, .readCPUTimes: nil
        // pid_namespaces(7): the kernel drops it. A pod that is deleted by force gets SIGTERM and 2 s from the kubelet,
        // which is no crash.
        case .kill: "nothing in a pod can send its first process SIGKILL, and a forced deletion is no crash"
        case .delay:
            release.hasTrouble
                ? nil : "the grpc pods have TROUBLE=off; install the chart with --set grpc.trouble=true to try it"
        case .countPodConnections: "a pod does not count its connections, and its sockets cannot be seen from here"
        case .countQueries: "the cluster's DNS server counts everybody's questions together"
        case .countRegistryRequests:
            ModeTheory(setup).source == .watched
                ? "the registry counts everybody's requests together; the gateway's look-ups are in this report"
                : nil
        }
    }

    func pods() async throws -> [TrialPod] {
        let (now, wall) = (MonotonicClock.now, WallClock.nanoseconds)
        let list = try await kubectl.ask(["get", "pods", "-l", release.selector, "-o", "json"], on: loop)
        // One that was ready before this question: from when on it is looked at, no trial counts.
        return known.read(try Kubectl.parse(list), at: now, wall: wall)
    }

    func scale(to count: Int) async throws {
        _ = try await kubectl.ask(release.scaling(to: count), isShielded: true, on: loop)
    }

    func restart() async throws {
        _ = try await kubectl.ask(["rollout", "restart", "deployment/\(release.deployment)"], on: loop)
    }

    func isRestarted() async throws -> Bool {
        let output = try await kubectl.ask(["get", "deployment", release.deployment, "-o", "json"], on: loop)
        let deployment = try Kubectl.parse(output)
        return ClusterPods.isRolledOut(deployment, pods: try await pods().count)
    }

    func kill(_ pod: TrialPod) async throws { throw Failure(obstacle(to: .kill) ?? "") }

    func delay(_ pod: TrialPod, by delay: Duration?) async throws {
        // Over by itself, should this program be killed.
        let query = delay.map { "delay=\(DurationText.format($0))&for=2m" } ?? "off"
        _ = try await forward.send(.post, "/trouble?\(query)", to: pod.name, port: ClusterSystem.adminPort)
        slow.removeAll { $0 == pod.name }
        if delay != nil { slow.append(pod.name) }
    }

    /// Pods that a trial left slow, because it was called off, answer at once again. Those that are gone do not matter.
    func endTrouble() async {
        for pod in slow {
            _ = try? await forward.send(.post, "/trouble?off", to: pod, port: ClusterSystem.adminPort)
        }
        slow = []
    }

    func callsUnderWay(on pod: TrialPod) async throws -> Int { PodCalls.underWay(try await metrics(of: pod.name)) }

    func podConnections() async throws -> Int { throw Failure(obstacle(to: .countPodConnections) ?? "") }

    func queries() async throws -> Int { throw Failure(obstacle(to: .countQueries) ?? "") }

    func proxyLookups() async throws -> Int? { nil }

    func registryRequests() async throws -> RegistryRequests? { nil }

    /// By the pods' own figures; nginx and Envoy tell none here.
    func cpuTimes() async throws -> [String: Duration] {
        var times: [String: Duration] = [:]
        let gateways = try await kubectl.ask(
            ["get", "pods", "-l", release.gatewaySelector, "-o", "jsonpath={.items[*].metadata.name}"], on: loop)
        let gatewayPods = String(decoding: gateways, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(
            String.init)
        let serverPods = try await pods().filter { !$0.isEnding && $0.readySince != nil }.map(\.name)
        for (part, names) in [("gateway", gatewayPods), ("grpc", serverPods)] {
            for name in names { times[part, default: .zero] += PodCPU.used(try await metrics(of: name)) ?? .zero }
        }
        return times
    }

    private func metrics(of pod: String) async throws -> String {
        String(
            decoding: try await forward.send(.get, "/metrics", to: pod, port: ClusterSystem.adminPort), as: UTF8.self)
    }

    private static let adminPort: UInt16 = 9090

    private var forward: PortForward { PortForward(kubectl, on: loop) }
}

/// What a pod's metrics say of its processor time. Pure.
package enum PodCPU {
    package static func used(_ metrics: String) -> Duration? {
        let line = metrics.split(separator: "\n").first { $0.hasPrefix("process_cpu_seconds_total ") }
        guard let value = line?.split(separator: " ").last.flatMap({ Double($0) }), value >= 0, value < 1e9 else {
            return nil
        }
        return .nanoseconds(Int64(value * 1e9))
    }
}
