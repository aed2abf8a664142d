extension Component {
    /// One member, whose data is in its pod's directory and goes with it, as in the chart.
    package static let etcd = Component(
        name: "etcd", services: [.etcd], replicas: { _ in 1 }, mostReplicas: 1, startsAfter: [],
        // Answers 200 only when there is a leader.
        readiness: Readiness(port: etcdPort, path: "/health")
    ) { context in
        var launch = Launch(.part("etcd", remedy: "make deps installs it, or: apt-get install etcd-server"))
        let client = "http://\(context.socketAddress(port: etcdPort))"
        let peer = "http://\(context.socketAddress(port: 2380))"
        launch.arguments = [
            "--name", context.podName, "--data-dir", "data", "--listen-client-urls", client,
            "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", "\(context.podName)=\(peer)",
            // At its usual level it writes a hundred lines before it is ready.
            "--logger", "zap", "--log-level", "warn",
            // One lease renewal each few seconds, and nobody asks for what was: a day's revisions are enough.
            "--auto-compaction-retention", "24",
        ]
        launch.gracePeriod = .seconds(10)
        return launch
    }

    package static let etcdPort: UInt16 = 2379
}

extension Service {
    package static let etcd = Service(
        name: "sample-service-etcd", kind: .virtual(index: 6), port: Component.etcdPort,
        targetPort: Component.etcdPort)
}
