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
final class Pod {
    private static let probeTimeout = Duration.seconds(1)
    private static let probeInterval = Duration.milliseconds(250)
    /// Before a pod has been ready: people wait.
    private static let firstProbeInterval = Duration.milliseconds(50)

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

    var name: String { context.podName }
    var address: IPAddress { context.podAddress }
    /// Ready, and found by whoever looks for it.
    var isAvailable: Bool { machine.isReady && dns.isListed }

    init(
        _ component: Component, revision: Int, context: PodContext, finder: ProgramFinder, client: HTTPClient,
        log: PodLog,
        owner: any PodOwner, on loop: EventLoop
    ) {
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
    }

    /// Starts the first process. Call it once.
    func start() {
        wakeUp = Timer(on: loop) { [weak self] in
            guard let self else { return }
            perform(machine.timeReached(loop.now))
        }
        probeTimer = Timer(on: loop) { [weak self] in self?.probe() }
        startProcess()
    }

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
            case .askToStop: process?.signal(launch.stopSignal)
            case .kill:
                owner?.report("\(name) did not end in time and is killed")
                process?.signal(.kill)
            case .announceReadiness:
                readySince = machine.isReady ? loop.now : nil
                owner?.readinessChanged(of: self)
            case .remove: remove()
            }
        }
    }

    private func startProcess() {
        generation += 1
        do {
            try prepareFiles()
            let command = ChildCommand(
                executable: try finder.path(of: launch.file), arguments: launch.arguments,
                environment: launch.environment.merging(["PATH": finder.searchPath.joined(separator: ":")]) { $1 },
                directory: context.directory)
            process = try ChildProcess(
                command, on: loop,
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

    private func prepareFiles() throws {
        try FileSystem.createDirectory(context.directory)
        for directory in launch.directories { try FileSystem.createDirectory("\(context.directory)/\(directory)") }
        for (name, text) in launch.files { try FileSystem.write(Array(text.utf8), to: "\(context.directory)/\(name)") }
    }

    private func processEnded(_ reason: String) {
        process = nil
        generation += 1
        probeTimer?.cancel()
        // A process that was killed may leave children behind, as nginx's master does; they hold its ports.
        for child in Leftovers.find(inPodDirectory: context.directory) { ProcessTable.signal(.kill, child) }
        if machine.isWanted { owner?.report("\(name) ended: \(reason)") }
        let actions = machine.processEnded(reason, at: loop.now)
        owner?.processesChanged()
        perform(actions)
    }

    private func remove() {
        wakeUp?.cancel()
        probeTimer?.cancel()
        try? FileSystem.removeTree(context.directory)
        owner?.podRemoved(self)
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
        let request = HTTPClientRequest(.get, component.readiness.path, host: "\(address)")
        let response = try? await client.send(
            request, to: .ip(address, port: component.readiness.port), timeout: Pod.probeTimeout)
        return response?.status == .ok
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
