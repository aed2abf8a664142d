import Addresses
import Events
import HTTP
import HTTPTransport
import System
import Terminal
import Timing

/// What hears of a pod's changes. Called on the loop's thread.
protocol PodOwner: AnyObject {
    func readinessChanged(of pod: Pod)
    /// A process was started or ended.
    func processesChanged()
    /// The last call.
    func podRemoved(_ pod: Pod)
    func report(_ message: String)
}

/// Runs one pod: does what its `PodMachine` decides. Loop thread only.
final class Pod: SidecarOwner {
    static let probeInterval = Duration.milliseconds(250)
    /// Before a pod has been ready: people wait.
    static let firstProbeInterval = Duration.milliseconds(50)

    let component: Component
    let context: PodContext
    /// Counts the restarts of the component before this pod was made.
    let revision: Int
    let createdAt: Instant
    /// The owner keeps it up to date.
    var dns = DNSPresence.never
    private(set) var machine: PodMachine
    /// nil while it is not ready.
    private(set) var readySince: Instant?
    private(set) var process: ChildProcess?
    private let launch: Launch
    private let finder: ProgramFinder
    private let client: HTTPClient
    private let loop: EventLoop
    private let log: PodLog
    private weak var owner: (any PodOwner)?
    private var wakeUp: Timer?
    private var probeTimer: Timer?
    /// The process for which a probe's answer is meant.
    private var generation = 0
    private var sidecars: [SidecarProcess] = []

    var name: String { context.podName }
    var address: IPAddress { context.podAddress }
    /// Ready, and found by whoever looks for it.
    var isAvailable: Bool { machine.isReady && dns.isListed }

    init(
        _ component: Component, revision: Int, context: PodContext, finder: ProgramFinder, client: HTTPClient,
        log: PodLog, owner: any PodOwner, on loop: EventLoop
    ) throws(SystemError) {
        self.component = component
        self.revision = revision
        self.context = context
        self.finder = finder
        self.client = client
        self.log = log
        self.owner = owner
        self.loop = loop
        createdAt = loop.now
        launch = component.launch(context)
        var settings = PodMachine.Settings.defaults
        settings.gracePeriod = launch.gracePeriod
        machine = PodMachine(at: loop.now, settings: settings)
        for sidecar in launch.sidecars {
            let log = try log.sibling(sidecar.name)
            sidecars.append(
                SidecarProcess(
                    sidecar, context: context, finder: finder, client: client, log: log, owner: self, on: loop))
        }
    }

    /// Starts the first process. Call it once.
    func start() {
        wakeUp = Timer(on: loop) { [weak self] in
            guard let self else { return }
            perform(machine.timeReached(loop.now))
        }
        probeTimer = Timer(on: loop) { [weak self] in self?.probe() }
        if sidecars.isEmpty { startProcess() }
        for sidecar in sidecars { sidecar.start() }
    }

    /// Of everything that runs in it.
    var pids: [Int32] { [process?.pid].compactMap(\.self) + sidecars.compactMap { $0.process?.pid } }

    /// Which of its sidecars are ready.
    var sidecarsReady: [Bool] { sidecars.map(\.machine.isReady) }

    /// Paths of what it prints, its sidecars too.
    var logs: [String] { [log.path] + sidecars.map(\.log.path) }

    func terminate(within gracePeriod: Duration? = nil) {
        perform(machine.terminate(at: loop.now, within: gracePeriod))
    }

    /// Ends it without the delays that are there for clients, because there are none: to the services, a second signal
    /// means that nobody wants to wait. (Not the same one again: two that are pending become one.)
    func terminateAtOnce(within gracePeriod: Duration) {
        terminate(within: gracePeriod)
        process?.signal(.interrupt)
    }

    /// As a crash would.
    func kill() { process?.signal(.kill) }

    private func perform(_ actions: [PodMachine.Action]) {
        // Also when there is no action: the phase may have got a new deadline.
        wakeUp?.schedule(at: machine.wakeUp)
        for action in actions {
            switch action {
            case .startProcess: startProcess()
            case .askToStop: askToStop()
            case .kill:
                owner?.report("\(name) did not end in time and is killed")
                process?.signal(.kill)
            case .announceReadiness:
                readySince = machine.isReady ? loop.now : nil
                owner?.readinessChanged(of: self)
            case .remove: endSidecars()
            }
        }
    }

    private func askToStop() {
        guard let process else {
            // Its sidecars are not ready yet.
            return perform(machine.processEnded("it had not been started", at: loop.now))
        }
        guard let preStop = launch.preStop else { return process.signal(launch.stopSignal) }
        let limit = machine.settings.gracePeriod
        let bound = LoopBound((pod: self, process: process), on: loop)
        loop.startTask {
            let (pod, process) = bound.value
            _ = await pod.client.isAnswered(preStop, by: pod.address, within: limit)
            // It may have ended meanwhile, which `signal` knows.
            process.signal(pod.launch.stopSignal)
        }
    }

    private func startProcess() {
        generation += 1
        do {
            try launch.prepare(in: context.directory)
            process = try ChildProcess(
                try launch.command(in: context.directory, finder), on: loop,
                output: { [log, loop] (descriptor) throws(SystemError) in
                    _ = try OutputCollector(adopting: descriptor, on: loop) { log.append($0) }
                },
                exited: { [weak self] in self?.processEnded("\($0)") })
            owner?.processesChanged()
            probeTimer?.schedule(after: Pod.firstProbeInterval)
        } catch {
            processEnded((error as? Failure)?.message ?? "\(error)")
        }
    }

    private func processEnded(_ reason: String) {
        process = nil
        generation += 1
        probeTimer?.cancel()
        // A process that was killed may leave children behind, as nginx's master does; they hold its ports.
        let kept = Set(sidecars.compactMap { $0.process?.pid })
        for child in Leftovers.find(inPodDirectory: context.directory) where !kept.contains(child.pid) {
            ProcessTable.signal(.kill, child)
        }
        if machine.isWanted { owner?.report("\(name) ended: \(reason)") }
        let actions = machine.processEnded(reason, at: loop.now)
        owner?.processesChanged()
        perform(actions)
    }

    private func endSidecars() {
        for sidecar in sidecars { sidecar.stop() }
        if sidecars.isEmpty { remove() }
    }

    private func remove() {
        wakeUp?.cancel()
        probeTimer?.cancel()
        try? FileSystem.removeTree(context.directory)
        owner?.podRemoved(self)
    }

    // MARK: SidecarOwner

    func sidecarStarted() { owner?.processesChanged() }

    func report(_ message: String) { owner?.report(message) }

    func sidecarChanged() {
        switch machine.phase {
        case .starting where process == nil && generation == 0:
            if sidecars.allSatisfy(\.machine.isReady) { startProcess() }
        case .gone:
            if sidecars.allSatisfy(\.hasEnded) { remove() }
        case .starting, .ready, .notReady, .crashed, .terminating:
            return
        }
    }

    // MARK: Readiness

    private func probe() {
        let probed = generation
        let bound = LoopBound(self, on: loop)
        loop.startTask {
            let succeeded = await bound.value.isServing()
            bound.value.probeEnded(succeeded: succeeded, generation: probed)
        }
    }

    private func isServing() async -> Bool {
        // A pod is ready when everything in it is.
        guard sidecars.allSatisfy(\.machine.isReady) else { return false }
        return await client.isAnswered(component.readiness, by: address)
    }

    private func probeEnded(succeeded: Bool, generation probed: Int) {
        guard probed == generation else { return }
        perform(machine.probed(succeeded: succeeded))
        let interval =
            switch machine.phase {
            case .starting: Pod.firstProbeInterval
            case .ready, .notReady, .crashed, .terminating, .gone: Pod.probeInterval
            }
        if machine.isWanted { probeTimer?.schedule(after: interval) }
    }
}
