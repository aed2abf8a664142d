import Addresses
import Events
import HTTP
import HTTPTransport
import JSON
import System
import Timing

/// Runs one system: keeps the wanted number of pods of each component, and tells DNS and the forwarders which of them
/// are ready. Belongs to one loop, on the main thread: its children get SIGTERM when that thread ends.
final class Supervisor: PodOwner {
    /// Requests that nginx is serving may take this long when the system is stopped.
    static let entryGrace = Duration.seconds(10)
    /// Then nobody reaches the other pods any more, and they are told to end at once.
    static let stopGrace = Duration.seconds(2)

    let instance: Instance
    private(set) var options: UpOptions
    private(set) var topology: Topology
    let directory: StateDirectory
    let plan: AddressPlan
    let loop: EventLoop
    let finder: ProgramFinder
    private let nginxTemplate: String
    private let envoyTemplate: String
    private let webDirectory: String
    private let client: HTTPClient
    private let journal: Journal
    private let nameServer: NameServer
    /// What clients ask instead, if there is to be a cache.
    private let cache: Dnsmasq?
    private var forwarders: [ServiceForwarder] = []
    var api: FakeKubernetesAPIServer?
    var apiProblem: String?
    /// Held, never read: another supervisor cannot take what these hold.
    private let claims: [AnyObject]

    private(set) var pods: [Pod] = []
    private(set) var desired: [String: Int]
    /// How often each component has been restarted.
    var revisions: [String: Int] = [:]
    /// Under way from one mode to another.
    var change: ModeChange?
    private var isReconciling = false
    private var reconcilesAgain = false
    /// Components whose first pod has been started; see `Topology.predecessors`.
    private var begun: Set<String> = []
    private var addresses: PodAddresses
    private var retiredLogs: [String] = []
    private var reportedReady = false
    private(set) var isStopping = false
    private var stopped: (() -> Void)?

    /// `resources` is what `SystemResources` got hold of for this system.
    init(
        instance: Instance, options: UpOptions, resources: SystemResources, journal: Journal, on loop: EventLoop
    ) throws(SystemError) {
        self.instance = instance
        self.options = options
        self.journal = journal
        self.loop = loop
        directory = resources.directory
        plan = resources.plan
        finder = resources.finder
        nginxTemplate = resources.nginxTemplate
        envoyTemplate = resources.envoyTemplate
        webDirectory = resources.webDirectory
        claims = resources.claims
        client = HTTPClient(on: loop)
        addresses = PodAddresses(plan)
        topology = Topology(options.modes)
        desired = Dictionary(uniqueKeysWithValues: topology.components.map { ($0.name, $0.replicas(options)) })
        let report: (String) -> Void = { journal.write($0) }
        nameServer = try NameServer(
            executable: resources.dnsmasq, address: plan.dns, timeToLive: options.dnsTTL, in: directory, on: loop,
            report: report)
        cache =
            options.dnsCache == 0
            ? nil
            : try Dnsmasq(
                "dnsmasq-cache", executable: resources.dnsmasq, address: plan.dnsCache,
                options: Dnsmasq.cacheOptions(of: plan.dns, for: options.dnsCache), in: directory, on: loop,
                report: report)
        forwarders = topology.components.flatMap(\.services).compactMap(makeForwarder)
    }

    private func makeForwarder(_ service: Service) -> ServiceForwarder? {
        service.virtualAddress(in: plan).map { address in
            ServiceForwarder(service, at: address, on: loop) { [journal] in journal.write($0) }
        }
    }

    /// Starts DNS, then the pods. Returns when the first pods have been started.
    func start() async throws {
        for server in nameServers { server.processesChanged = { [weak self] in self?.saveState() } }
        nameServer.confirmed = { [weak self] in self?.namesConfirmed() }
        try startAPI()
        publish()
        for server in nameServers {
            try await server.start()
            report("\(server.name) for \(Service.domain) at \(server.address)")
        }
        reconcile()
    }

    private var nameServers: [Dnsmasq] { [nameServer.server] + [cache].compactMap(\.self) }

    // MARK: Pods

    func scale(_ component: Component, to count: Int) {
        report("scaling \(component.name) from \(desired[component.name] ?? 0) to \(count)")
        desired[component.name] = count
        reconcile()
    }

    /// Replaces every pod of the component, one after the other.
    func restart(_ component: Component) {
        report("restarting \(component.name)")
        revisions[component.name, default: 0] += 1
        reconcile()
    }

    func isOutdated(_ pod: Pod) -> Bool { pod.revision < revisions[pod.component.name] ?? 0 }

    /// Whether every wanted pod of the component is ready and in DNS.
    private func isComplete(_ component: String) -> Bool {
        let available = pods.count { $0.component.name == component && $0.isAvailable }
        return begun.contains(component) && available == desired[component]
    }

    var isReady: Bool { !isStopping && topology.components.allSatisfy { isComplete($0.name) } }

    /// Makes what is into what is wanted. What it does may call it again; that waits for the next round, so that no
    /// round acts on what another has changed.
    func reconcile() {
        reconcilesAgain = true
        guard !isReconciling else { return }
        isReconciling = true
        defer { isReconciling = false }
        while reconcilesAgain, !isStopping {
            reconcilesAgain = false
            for component in topology.components { reconcile(component) }
            continueChange()
        }
    }

    /// From now on the system is to be like this. Pods that there are stay as they are; those of components that are no
    /// longer there end.
    func adopt(_ options: UpOptions, _ topology: Topology) {
        self.options = options
        let before = self.topology.components
        self.topology = topology
        for component in topology.components where !before.contains(component) {
            desired[component.name] = component.replicas(options)
            forwarders += component.services.compactMap(makeForwarder)
        }
        for component in before where !topology.components.contains(component) {
            desired[component.name] = nil
            begun.remove(component.name)
            for forwarder in forwarders where component.services.contains(forwarder.service) { forwarder.close() }
            forwarders.removeAll { component.services.contains($0.service) }
            for pod in pods where pod.component == component { pod.terminate() }
        }
        publish()
    }

    private func reconcile(_ component: Component) {
        if topology.predecessors(of: component).allSatisfy(isComplete) { begun.insert(component.name) }
        guard begun.contains(component.name) else { return }
        let own = pods.filter { $0.component.name == component.name }
        let facts = own.map {
            Replicas.Pod(
                name: $0.name, isWanted: $0.machine.isWanted, isAvailable: $0.isAvailable, isOutdated: isOutdated($0),
                since: $0.createdAt)
        }
        for action in Replicas.reconcile(desired: desired[component.name] ?? 0, pods: facts) {
            switch action {
            case .create(let count): for _ in 0..<count { createPod(of: component) }
            case .terminate(let name): own.first { $0.name == name }?.terminate()
            }
        }
    }

    private func createPod(of component: Component) {
        guard let address = addresses.take() else {
            return report(
                "\(component.name) gets no further pod: all addresses of 127.\(plan.network).1.0/24 are in use")
        }
        var generator = SystemRandomNumberGenerator()
        let revision = revisions[component.name] ?? 0
        let template = [component.name, "\(revision)"] + options.arguments
        let name = PodName.make(
            deployment: component.deployment, revision: template.joined(separator: " "), using: &generator)
        let context = context(
            options, podName: name, podAddress: address, directory: directory.directory(of: name))
        do {
            let log = try PodLog(directory.log(of: name))
            let pod = try Pod(
                component, revision: revision, context: context, finder: finder, client: client, log: log, owner: self,
                on: loop)
            pods.append(pod)
            report("\(name) starts at \(address)")
            pod.start()
            tellAPI()
        } catch {
            addresses.giveBack(address)
            report("\(name) cannot be started: \(error)")
        }
    }

    func context(
        _ options: UpOptions, podName: String, podAddress: IPAddress, directory: String
    ) -> PodContext {
        var context = PodContext(
            options: options, plan: plan, podName: podName, podAddress: podAddress, directory: directory,
            nginxTemplate: nginxTemplate, webDirectory: webDirectory, envoyTemplate: envoyTemplate)
        context.serviceAccount = self.directory.serviceAccount
        return context
    }

    // MARK: PodOwner

    func readinessChanged(of pod: Pod) {
        report("\(pod.name) is \(pod.machine.isReady ? "ready" : "not ready")")
        publish()
        reconcile()
    }

    func processesChanged() { saveState() }

    func podRemoved(_ pod: Pod) {
        report("\(pod.name) is gone")
        pods.removeAll { $0 === pod }
        addresses.giveBack(pod.address)
        for log in pod.logs { retire(log) }
        tellAPI()
        if isStopping { continueStopping() } else { reconcile() }
    }

    func report(_ message: String) { journal.write(message) }

    /// Logs of pods that are gone stay for a while, for whoever asks why; not for ever.
    private func retire(_ log: String) {
        retiredLogs.append(log)
        if retiredLogs.count > 20 {
            let oldest = retiredLogs.removeFirst()
            for file in PodLog.files(oldest) { try? FileSystem.removeFile(file) }
        }
    }

    /// Tells DNS, the forwarders and Kubernetes' API who is ready.
    private func publish() {
        tellAPI()
        let ready = { (component: String) in
            self.pods.filter { $0.component.name == component && $0.machine.isReady }.map(\.address)
        }
        for component in topology.components {
            for forwarder in forwarders where component.services.contains(forwarder.service) {
                forwarder.pods = ready(component.name).map { .ip($0, port: forwarder.service.targetPort) }
            }
        }
        let publication = nameServer.publish(
            HostsFile.render(components: topology.components, plan: plan, readyPods: ready))
        for pod in pods { pod.dns.published(isNamed: pod.machine.isReady, in: publication) }
        // Those that only have a virtual address change nothing in DNS.
        if publication == nameServer.confirmedPublication { namesConfirmed() }
    }

    private func namesConfirmed() {
        for pod in pods { pod.dns.confirmed(nameServer.confirmedPublication, at: MonotonicClock.now) }
        reconcile()
        if isReady, !reportedReady {
            reportedReady = true
            report("all pods are ready: \(UpOptions.url(of: options.entry))")
        }
    }

    private func saveState() {
        guard let own = ProcessTable.identity(of: Program.pid) else { return }
        let pids = pods.flatMap(\.pids) + nameServers.compactMap { $0.process?.pid }
        let state = StateFile(
            name: instance.name, supervisor: own, network: plan.network, port: options.port,
            children: pids.compactMap(ProcessTable.identity))
        do {
            try FileSystem.write(state.json.serialized + [0x0a], to: directory.state)
        } catch {
            report("the state file is out of date: \(error)")
        }
    }

    // MARK: Stopping

    /// Stops everything: nginx first, so that no request is cut off half-way, and a mode's parts last, because others
    /// take their leave of them. Asking again kills what is left.
    func stop(completion: @escaping () -> Void) {
        if isStopping {
            for pod in pods { pod.terminate(within: .zero) }
            return
        }
        report("stopping")
        isStopping = true
        stopped = completion
        for pod in pods where pod.component.name == Component.nginx.name {
            pod.terminate(within: Supervisor.entryGrace)
        }
        endEventStreams()
        continueStopping()
    }

    /// nginx waits for what goes through it, and event streams last. A gateway that is told to be not ready ends them, and
    /// serves all else until nginx is gone: unlike one that gets its signal, whose delay may be over before.
    private func endEventStreams() {
        let request = HTTPClientRequest(.post, "/readyz/disable", host: Component.gateway.name)
        let client = LoopBound(client, on: loop)
        for pod in pods where pod.component.name == Component.gateway.name && pod.machine.isWanted {
            let address = SocketAddress.ip(pod.address, port: Component.gateway.readiness.port)
            loop.startTask {
                _ = try? await client.value.send(request, to: address, timeout: Supervisor.stopGrace)
            }
        }
    }

    private func continueStopping() {
        guard !pods.contains(where: { $0.component.name == Component.nginx.name }) else { return }
        let others = pods.filter { !topology.parts.contains($0.component) }
        for pod in others.isEmpty ? pods : others where pod.machine.isWanted {
            pod.terminateAtOnce(within: Supervisor.stopGrace)
        }
        guard pods.isEmpty, let completion = stopped else { return }
        stopped = nil
        for forwarder in forwarders { forwarder.close() }
        var running = nameServers.count + 1
        let ended = {
            running -= 1
            if running == 0 { completion() }
        }
        endAPI(ended)
        for server in nameServers { server.stop(completion: ended) }
    }
}
