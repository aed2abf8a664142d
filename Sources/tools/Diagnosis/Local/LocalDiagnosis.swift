/// The sample's own pods, and what its gateways know of them.
package struct SystemObservation: Hashable, Sendable {
    package struct Pod: Hashable, Sendable {
        package var name: String
        package var address: String
        package var isServer: Bool
        package var isReady: Bool
        /// kubectl's word, and how the last process ended.
        package var status: String
        /// Those who look for pods can find it.
        package var isListed: Bool

        package init(
            name: String, address: String, isServer: Bool, isReady: Bool, status: String, isListed: Bool
        ) {
            self.name = name
            self.address = address
            self.isServer = isServer
            self.isReady = isReady
            self.status = status
            self.isListed = isListed
        }
    }

    package struct Gateway: Hashable, Sendable {
        package var name: String
        package var target: String
        package var policy: String
        /// With ports.
        package var addresses: [String]
        /// Why its channel sleeps, and so knows nobody; nil if it is awake.
        package var idleReason: String?
        /// Why its last look-up failed, if it did.
        package var problem: String?

        package init(
            name: String, target: String, policy: String, addresses: [String], idleReason: String? = nil,
            problem: String? = nil
        ) {
            self.name = name
            self.target = target
            self.policy = policy
            self.addresses = addresses
            self.idleReason = idleReason
            self.problem = problem
        }
    }

    package var mode: String
    /// What else a command must say to mean this system.
    package var suffix: String
    package var pods: [Pod]
    package var gateways: [Gateway]
    /// Ready ones that did not answer.
    package var silentGateways: [String]

    package init(
        mode: String, suffix: String, pods: [Pod], gateways: [Gateway], silentGateways: [String] = []
    ) {
        self.mode = mode
        self.suffix = suffix
        self.pods = pods
        self.gateways = gateways
        self.silentGateways = silentGateways
    }

    /// Whom a gateway calls that is told by a registry or an API. One whose channel sleeps has let go of all addresses and
    /// is no worse for it: those that it would be told are the listed pods'. The doctor does not wake it, for it is there to
    /// look.
    package func addresses(toldTo gateway: Gateway, port: UInt16) -> [String] {
        guard gateway.idleReason != nil, gateway.addresses.isEmpty else { return gateway.addresses }
        return pods.filter { $0.isServer && $0.isReady && $0.isListed }.map { "\($0.address):\(port)" }
    }
}

package enum SystemDiagnosis {
    package static func findings(_ seen: SystemObservation) -> [Finding] {
        unready(seen) + gateways(seen) + unknown(seen)
    }

    package static func facts(_ seen: SystemObservation) -> [DoctorReport.Fact] {
        let servers = seen.pods.filter(\.isServer)
        let asleep = seen.gateways.compactMap { gateway in gateway.idleReason.map { "\(gateway.name): \($0)" } }
        let idle = DoctorReport.Fact("idle", "\(asleep.joined(separator: "; ")); the next call wakes the channel")
        return [
            .init(
                "system",
                "mode \(seen.mode), \(TargetDiagnosis.count(seen.gateways.count, "gateway")), "
                    + "\(servers.count { $0.isReady }) of \(TargetDiagnosis.count(servers.count, "grpc pod")) ready")
        ]
            + (asleep.isEmpty ? [] : [idle])
    }

    private static func unready(_ seen: SystemObservation) -> [Finding] {
        let pods = seen.pods.filter { !$0.isReady }
        guard !pods.isEmpty else { return [] }
        let which = pods.count == 1 ? "a pod is" : "\(pods.count) pods are"
        return [
            Finding(
                .podUnready,
                "\(which) not ready, and so in no Service: its log says why (samplectl logs POD\(seen.suffix)); if "
                    + "its readiness "
                    + "was switched off, samplectl readiness POD on\(seen.suffix) brings it back",
                evidence: pods.map { "\($0.name): \($0.status)" })
        ]
    }

    private static func gateways(_ seen: SystemObservation) -> [Finding] {
        guard seen.gateways.isEmpty || !seen.silentGateways.isEmpty else { return [] }
        let silent = TargetDiagnosis.names(Set(seen.silentGateways))
        return [
            Finding(
                .gatewayFails,
                (silent.isEmpty ? "no gateway is ready" : "a gateway is ready and does not tell what it knows")
                    + ", so requests fail and what it calls cannot be examined: its log says why (samplectl logs "
                    + "POD\(seen.suffix)), and one that hangs goes with samplectl kill POD\(seen.suffix)",
                evidence: [silent.isEmpty ? "0 gateways are ready" : "no answer from \(silent)"])
        ]
    }

    /// Of modes in which the gateway knows pods by their own addresses.
    private static func unknown(_ seen: SystemObservation) -> [Finding] {
        let pods = seen.pods.filter { $0.isServer && $0.isReady && $0.isListed }
        return seen.gateways.compactMap { gateway in
            let hosts = Set(gateway.addresses.map { String($0.prefix(upTo: $0.lastIndex(of: ":") ?? $0.endIndex)) })
            let missed = pods.filter { !hosts.contains($0.address) }
            guard !missed.isEmpty, missed.count < pods.count else { return nil }
            return Finding(
                .podUnknown,
                "\(gateway.name) does not know every pod that is ready: it looks names up again when a connection "
                    + "ends, which "
                    + "the pods' --max-connection-age decides (mode kubernetes, etcd and consul tell it at once)",
                evidence: ["it knows \(hosts.count); not " + missed.map(\.name).joined(separator: ", ")])
        }
    }
}
