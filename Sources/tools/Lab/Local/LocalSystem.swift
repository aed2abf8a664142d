import Addresses
import Events
import HTTP
import HTTPTransport
import Instruments
import LocalCluster
import System
import Terminal
import Timing

/// A system of samplectl's own, on this machine. Loop thread only.
final class LocalSystem: TrialSystem {
    private static let queryPatience = Duration.seconds(3)

    let setup: TrialSetup
    private let scene: Scene
    private let files: StateDirectory
    private let admin: HTTPClient
    private let reader: EventLoop

    init(_ setup: TrialSetup, _ scene: Scene, in files: StateDirectory, reader: EventLoop) {
        self.reader = reader
        self.setup = setup
        self.scene = scene
        self.files = files
        admin = HTTPClient(on: scene.loop)
    }

    var entry: EntryClient { scene.client }

    func obstacle(to deed: TrialDeed) -> String? { nil }

    func pods() async throws -> [TrialPod] {
        try await scene.control.status().pods.filter { $0.component == Component.grpc.name }.map { pod in
            TrialPod(
                name: pod.name, address: "\(pod.address):\(Component.servicePort)",
                readySince: pod.isAvailable ? pod.readySince : nil, isEnding: pod.isEnding)
        }
    }

    func scale(to count: Int) async throws { try await scene.control.scale(Component.grpc.name, to: count) }

    func restart() async throws { try await scene.control.restart(Component.grpc.name) }

    func isRestarted() async throws -> Bool {
        RolloutProgress(try await scene.control.status(), component: Component.grpc.name).isDone
    }

    func kill(_ pod: TrialPod) async throws {
        let status = try await scene.control.status().pods.first { $0.name == pod.name }
        guard let process = status?.pid.flatMap(Int32.init(exactly:)).flatMap(ProcessTable.identity) else {
            throw Failure("\(pod.name) has no process")
        }
        _ = try await scene.control.kill(pod.name)
        while ProcessTable.isRunning(process) { try await scene.loop.sleep(for: .milliseconds(1)) }
    }

    func delay(_ pod: TrialPod, by delay: Duration?) async throws {
        let query = delay.map { "delay=\(DurationText.format($0))&for=2m" } ?? "off"
        _ = try await PodTrouble.ask(pod.name, query, scene.control, on: scene.loop)
    }

    func callsUnderWay(on pod: TrialPod) async throws -> Int {
        guard let address = SocketAddress(pod.address), let ip = address.ip else {
            throw Failure("\(pod.address) is not an address")
        }
        return PodCalls.underWay(try await text("/metrics", of: .ip(ip, port: Component.adminPort)))
    }

    /// On another thread: the kernel's table may have ten thousands of lines, and this one makes calls.
    func podConnections() async throws -> Int {
        let ends = Set(try await pods().compactMap { SocketAddress($0.address) })
        return try await reader.run { Result { () throws(SystemError) in try SocketTable.established(at: ends) } }.get()
    }

    /// dnsmasq's, which writes them into its log.
    func queries() async throws -> Int {
        let told = QueryCount.last(in: try FileSystem.read(files.log(of: "dnsmasq"), limit: 32 << 20))?.told ?? 0
        let children = StateFile.read(files.state)?.children ?? []
        guard
            let server = children.first(where: {
                ProcessTable.executable(of: $0.pid)?.split(separator: "/").last == "dnsmasq"
            })
        else { throw Failure("there is no dnsmasq among the processes in \(files.state)") }
        ProcessTable.signal(.user1, server)
        return try await scene.wait(LocalSystem.queryPatience, for: "dnsmasq's count of queries") {
            let last = QueryCount.last(in: try FileSystem.read(files.log(of: "dnsmasq"), limit: 32 << 20))
            return last.flatMap { $0.told > told ? $0.count : nil }
        }
    }

    /// Envoy counts each attempt, once a second.
    func proxyLookups() async throws -> Int? {
        guard let (component, port) = Envoy.admin(in: setup.mode) else { return nil }
        let stats = try await text(
            "/stats?filter=" + EnvoyStats.lookups, of: try await address(of: component, port: port))
        return EnvoyStats.lookups(stats)
    }

    func registryRequests() async throws -> RegistryRequests? {
        switch setup.mode {
        case .kubernetes:
            let (lists, watches) = try await scene.control.apiRequests()
            return RegistryRequests(reads: lists, watches: watches)
        case .etcd:
            let address = try await address(of: Component.etcd.name, port: Component.etcdPort)
            return RegistryCounts.etcd(try await text("/metrics", of: address))
        case .consul:
            let address = try await address(of: Component.consul.name, port: Component.consulPort)
            return RegistryCounts.consul(try await text("/v1/agent/metrics?format=prometheus", of: address))
        default: return nil
        }
    }

    private func address(of component: String, port: UInt16) async throws -> SocketAddress {
        let pods = try await scene.control.status().pods.filter { $0.component == component }
        guard let ip = pods.first.flatMap({ IPAddress($0.address) }) else { throw Failure("there is no \(component)") }
        return .ip(ip, port: port)
    }

    private func text(_ target: String, of address: SocketAddress) async throws -> String {
        let response = try await admin.send(
            HTTPClientRequest(.get, target, host: "\(address)"), to: address, timeout: .seconds(5))
        guard response.status == .ok else { throw Failure("GET \(target) of \(address): \(response.status)") }
        return String(decoding: response.body, as: UTF8.self)
    }

    func cpuTimes() async throws -> [String: Duration] {
        let names = ["grpc-server": "grpc", "envoy": "proxy"]
        let times = ProgramTimes(of: try await scene.control.status().pods).total
        return Dictionary(times.map { (names[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: +)
    }
}
