package import Addresses
import Doctor
package import Events
import Instruments
import JSON
package import LoadBalancing
package import LocalCluster
import System
package import Terminal
import Timing

/// The release that is installed in a cluster: the one mode that it is in. It is scaled and restarted, and in the end it
/// has as many pods as before. Loop thread only.
package final class ClusterSystems: TrialSystems {
    /// One lost answer of an API server is no reason to leave a release with ten pods.
    private static let attempts = 3
    private static let betweenAttempts = Duration.seconds(1)

    private let kubectl: Kubectl
    private let context: String
    private let server: String
    private let namespace: String
    private let release: ClusterRelease
    private let address: SocketAddress
    private let loop: EventLoop
    private var current: ClusterSystem?
    private var isChanged = false

    /// Looks at the cluster, and changes nothing. Every command names context and namespace, so that another window in
    /// which `kubectl config use-context` is typed meanwhile has no effect on it.
    package static func find(
        kubectl path: String, context: String?, namespace: String?, entry: SocketAddress?, on loop: EventLoop
    ) async throws(Failure) -> ClusterSystems {
        let bare = Kubectl(at: path, namespace: nil)
        let context = try await chosen(context, bare, loop)
        let view = try Kubectl.parse(
            try await Kubectl(at: path, context: context, namespace: nil).ask(
                ["config", "view", "--minify", "-o", "json"], on: loop))
        let server = view["clusters"]?.array?.first?["cluster"]?["server"]?.string ?? "of an unknown address"
        let namespace = namespace ?? view["contexts"]?.array?.first?["context"]?["namespace"]?.string ?? "default"
        let kubectl = Kubectl(at: path, context: context, namespace: namespace)
        let objects = try await kubectl.ask(
            ["get", ClusterRelease.kinds, "-o", "json", "--request-timeout=20s"], on: loop)
        let release = try ClusterRelease(try Kubectl.parse(objects), namespace: namespace)
        let address = try await ClusterEntry(release, kubectl, loop).find(asked: entry)
        return ClusterSystems(
            kubectl: kubectl, context: context, server: server, namespace: namespace, release: release,
            address: address,
            loop: loop)
    }

    private static func chosen(_ context: String?, _ kubectl: Kubectl, _ loop: EventLoop) async throws(Failure)
        -> String
    {
        if let context { return context }
        let output = try await kubectl.ask(["config", "current-context"], on: loop)
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        guard let name = lines.last, !name.isEmpty else {
            throw Failure("kubectl has no current context: name one with --context")
        }
        return String(name)
    }

    private init(
        kubectl: Kubectl, context: String, server: String, namespace: String, release: ClusterRelease,
        address: SocketAddress, loop: EventLoop
    ) {
        self.kubectl = kubectl
        self.context = context
        self.server = server
        self.namespace = namespace
        self.release = release
        self.address = address
        self.loop = loop
    }

    package var place: String { "cluster \(context), namespace \(namespace)" }
    package var mode: Mode { release.setup.mode }
    package var policy: LoadBalancingPolicyName { release.setup.policy }

    /// Told before anything is done.
    package var announcement: String {
        """
        Context \(context) (\(server)), namespace \(namespace): Deployment \(release.deployment) is scaled, 5 → 10 → 5, and \
        restarted, under 200 calls a second through \(address). In the end it has \(release.replicas) \
        pod\(release.replicas == 1 ? "" : "s"), as now.
        """
    }

    /// What the predictions follow from.
    package var settings: [LabReport.Setting] {
        let setup = release.setup
        return [
            LabReport.Setting("MAX_CONNECTION_AGE", setup.connectionAge.map(DurationText.format) ?? "off"),
            LabReport.Setting("DNS_MIN_RESOLUTION_INTERVAL", DurationText.format(setup.dnsInterval)),
            LabReport.Setting("SHUTDOWN_DELAY", setup.shutdownDelay.map(DurationText.format) ?? "off"),
            LabReport.Setting("DNS caches", DurationText.format(setup.dnsCache)),
        ]
    }

    package func obstacle(to mode: Mode) -> String? {
        mode == release.setup.mode
            ? nil : "the release is in mode \(release.setup.mode.name); make deploy MODE=\(mode.name) changes it"
    }

    package func obstacle(to policy: LoadBalancingPolicyName) -> String? {
        policy == release.setup.policy
            ? nil
            : "the gateway has \(release.setup.policy.rawValue); helm upgrade --set loadBalancing.policy=\(policy.rawValue)"
    }

    package func start(_ setup: TrialSetup) async throws -> any TrialSystem {
        if let obstacle = obstacle(to: setup.mode) ?? obstacle(to: setup.policy) { throw Failure(obstacle) }
        let system =
            current ?? ClusterSystem(release, entry: EntryClient(address, on: loop), through: kubectl, on: loop)
        current = system
        isChanged = true
        try await system.scale(to: release.setup.pods)
        // Images may have to be pulled; pods that are too many serve on until nobody can know them any more.
        let limit = Duration.seconds(180) + (release.setup.shutdownDelay ?? .zero)
        try await loop.wait(
            limit, for: "\(release.setup.pods) ready pods of \(release.deployment)", each: TrialBench.pause
        ) {
            let pods = try await system.pods()
            return pods.count == release.setup.pods && pods.allSatisfy { $0.readySince != nil && !$0.isEnding }
                ? true : nil
        }
        try await waitUntilKnown(to: system, pods: Set(try await system.pods().map(\.name)))
        return system
    }

    /// Whoever chooses has heard of all pods: what is behind a proxy is seen by who answers.
    private func waitUntilKnown(to system: ClusterSystem, pods: Set<String>) async throws {
        let theory = ModeTheory(release.setup)
        let limit = (theory.noticeLimit ?? .zero) + .seconds(30)
        let connections = release.setup.policy == .pickFirst ? 1 : theory.gatewayConnections
        try await loop.wait(limit, for: "the gateway's \(connections) connections") {
            let channel = try? await system.entry.channel()
            if channel?.state == "IDLE" { _ = try? await system.entry.sample() }
            return channel?.ready.count == connections ? true : nil
        }
        guard theory.hasProxy else { return }
        var silent = pods
        try await loop.wait(limit, for: "calls to each of \(pods.count) pods") {
            if let name = try? await system.entry.sample() { silent.remove(name) }
            return silent.isEmpty ? true : nil
        }
    }

    /// Also in a task that was cancelled, which `sleep` does not wait in.
    private func pause() async {
        let over = Completion<Void>()
        let timer = Timer(on: loop) { over.complete(()) }
        timer.schedule(after: ClusterSystems.betweenAttempts)
        await over.wait()
    }

    /// As many pods as before.
    package func stop() async throws {
        await current?.endTrouble()
        current?.entry.close()
        current = nil
        guard isChanged else { return }
        let order = release.scaling(to: release.replicas)
        var error: Failure?
        for attempt in 1...ClusterSystems.attempts {
            do throws(Failure) {
                _ = try await kubectl.ask(order, isShielded: true, on: loop)
                error = nil
                break
            } catch let failure {
                error = failure
                // Called off or not: what is left is to be as it was.
                if attempt < ClusterSystems.attempts { await pause() }
            }
        }
        if let error {
            let words = (["kubectl"] + order + kubectl.place).joined(separator: " ")
            throw Failure("\(error); once that is mended, give the release its pods back: \(words)")
        }
        isChanged = false
    }
}
