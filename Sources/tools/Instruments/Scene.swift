package import Addresses
import DNS
package import Events
import LoadBalancing
package import LocalCluster
import System
import Terminal
package import Timing

/// A system that runs, and what is done with it. Loop thread only.
package struct Scene {
    package let options: UpOptions
    /// As it was when it had just started.
    package let report: StatusReport
    package let client: EntryClient
    package let control: ControlClient
    package let loop: EventLoop

    package init(options: UpOptions, report: StatusReport, client: EntryClient, control: ControlClient, loop: EventLoop)
    {
        self.options = options
        self.report = report
        self.client = client
        self.control = control
        self.loop = loop
    }

    /// The grpc pods that are not on their way out.
    package func pods() async throws -> [StatusReport.Pod] {
        try await control.status().pods.filter { $0.component == Component.grpc.name && !$0.isEnding }
    }

    /// The least that a pod in DNS may have to wait for its first call: the oldest connection ends at 1.1 times its age,
    /// the look-up may have to wait for the interval, and connecting takes a moment. nil if connections do not end.
    package var noticeLimit: Duration? {
        options.maxConnectionAge.map { $0 * 11 / 10 + options.dnsInterval + .seconds(1) }
    }

    /// Looks every 20 ms until there is something.
    package func wait<Found>(
        _ limit: Duration, for what: String, _ look: () async throws -> Found?
    ) async throws -> Found {
        try await loop.wait(limit, for: what, look)
    }

    /// Scales, and returns the pods when all of them are in DNS, and those that are too many have ended.
    package func scale(to count: Int) async throws -> [StatusReport.Pod] {
        try await control.scale(Component.grpc.name, to: count)
        return try await wait(.seconds(30), for: "\(count) pods in DNS") {
            let pods = try await control.status().pods.filter { $0.component == Component.grpc.name }
            return pods.count == count && pods.allSatisfy(\.isAvailable) ? pods : nil
        }
    }

    /// Brings the system back to five pods with a connection to each.
    package func settle() async throws -> [StatusReport.Pod] {
        let pods = try await scale(to: options.replicas)
        // What finds each pod, and a policy that takes them all; a proxy or a virtual address is one.
        let isEach = options.mode.defaultPolicy != .pickFirst && options.policy != .pickFirst
        try await waitForConnections(isEach ? pods.count : 1)
        return pods
    }

    /// Waits until the arrivals are complete, or can no longer be in time.
    package func wait(for arrivals: Arrivals, _ load: LoadGenerator) async throws {
        while !arrivals.areComplete(load.record), MonotonicClock.now < arrivals.deadline {
            try await loop.sleep(for: .milliseconds(20))
        }
    }

    package func arrivals(of pods: [StatusReport.Pod], ordered: Instant, limit: Duration) -> Arrivals {
        let entries = pods.compactMap { pod in
            pod.dns.isListed ? pod.dns.since.map { Arrivals.Entry(pod: pod.name, entered: $0) } : nil
        }
        return Arrivals(ordered: ordered, entries: entries, limit: limit)
    }

    /// Waits until the gateway's channel has this many READY connections.
    package func waitForConnections(_ count: Int) async throws {
        let limit = Duration.seconds(15)
        let deadline = MonotonicClock.now + limit
        var last: ChannelReport?
        while MonotonicClock.now < deadline {
            if let report = try? await client.channel() {
                if report.ready.count == count { return }
                // A channel that nobody has used yet does not connect.
                if report.state == "IDLE" { _ = try? await client.sample() }
                last = report
            }
            try await loop.sleep(for: .milliseconds(50))
        }
        let seen =
            last.map { "\($0.ready.count)" + ($0.lastError.map { " (\($0))" } ?? "") } ?? "no answer from /go/channel"
        throw Failure(
            "the gateway has not got \(count) READY connections within \(DurationText.format(limit)): \(seen)")
    }

    /// The addresses behind a Service's name, as the gateway's resolver gets them.
    package func addresses(of service: Service) async throws -> [IPAddress] {
        guard let server = SocketAddress(report.resolver) else { throw Failure("\(report.resolver) is not an address") }
        let client = DNSClient(on: loop, configuration: DNSConfiguration(server: server))
        return try await client.addresses(of: service.hostName + ".").addresses.sorted { "\($0)" < "\($1)" }
    }
}
