import Addresses
import Events
import HTTPTransport
import System
import Terminal
import Timing

/// What hears of the processes of a pod. Called on the loop's thread.
protocol PodProcessOwner: AnyObject {
    /// What is asked of a process to find out whether it serves.
    func isServing(_ process: PodProcess) async -> Bool
    func processStarted(_ process: PodProcess)
    /// It ended; whether it is started again, its machine says.
    func processEnded(_ process: PodProcess)
    func readinessChanged(of process: PodProcess)
    /// The last call.
    func processRemoved(_ process: PodProcess)
    func report(_ message: String)
}

/// Runs one process of a pod: does what its `PodMachine` decides. Loop thread only.
final class PodProcess {
    private static let probeInterval = Duration.milliseconds(250)
    /// Before it has been ready: people wait.
    private static let firstProbeInterval = Duration.milliseconds(50)

    /// For people.
    let name: String
    let launch: Launch
    let log: PodLog
    private(set) var machine: PodMachine
    private(set) var process: ChildProcess?
    private let context: PodContext
    private let finder: ProgramFinder
    private let client: HTTPClient
    private let loop: EventLoop
    private weak var owner: (any PodProcessOwner)?
    private var wakeUp: Timer?
    private var probeTimer: Timer?
    /// Counts starts and ends: a probe's answer is meant for the process that was asked.
    private var generation = 0

    /// A process that has been waiting for others to be ready has not.
    var hasBegun: Bool { generation > 0 }

    init(
        _ launch: Launch, named name: String, gracePeriod: Duration, context: PodContext, finder: ProgramFinder,
        client: HTTPClient, log: PodLog, on loop: EventLoop
    ) {
        self.name = name
        self.launch = launch
        self.context = context
        self.finder = finder
        self.client = client
        self.log = log
        self.loop = loop
        var settings = PodMachine.Settings.defaults
        settings.gracePeriod = gracePeriod
        machine = PodMachine(at: loop.now, settings: settings)
    }

    /// Tells `owner` from now on. Call it once, before anything else.
    func prepare(for owner: any PodProcessOwner) {
        self.owner = owner
        wakeUp = Timer(on: loop) { [weak self] in
            guard let self else { return }
            perform(machine.timeReached(loop.now))
        }
        probeTimer = Timer(on: loop) { [weak self] in self?.probe() }
    }

    func start() {
        generation += 1
        do {
            try launch.prepare(in: context.directory)
            process = try ChildProcess(
                try launch.command(in: context.directory, finder), on: loop,
                output: { [log, loop] (descriptor) throws(SystemError) in
                    _ = try OutputCollector(adopting: descriptor, on: loop) { log.append($0) }
                },
                exited: { [weak self] in self?.ended("\($0)") })
            owner?.processStarted(self)
            probeTimer?.schedule(after: PodProcess.firstProbeInterval)
        } catch {
            ended((error as? Failure)?.message ?? "\(error)")
        }
    }

    func terminate(within gracePeriod: Duration? = nil) {
        perform(machine.terminate(at: loop.now, within: gracePeriod))
    }

    private func perform(_ actions: [PodMachine.Action]) {
        // Also when there is no action: the phase may have got a new deadline.
        wakeUp?.schedule(at: machine.wakeUp)
        for action in actions {
            switch action {
            case .startProcess: start()
            case .askToStop: askToStop()
            case .kill:
                owner?.report("\(name) did not end in time and is killed")
                process?.signal(.kill)
            case .announceReadiness: owner?.readinessChanged(of: self)
            case .remove:
                wakeUp?.cancel()
                probeTimer?.cancel()
                owner?.processRemoved(self)
            }
        }
    }

    private func askToStop() {
        // It waits for others to be ready.
        guard let process else { return perform(machine.processEnded("it had not been started", at: loop.now)) }
        guard let preStop = launch.preStop else { return process.signal(launch.stopSignal) }
        let limit = machine.settings.gracePeriod
        let bound = LoopBound((own: self, process: process), on: loop)
        loop.startTask {
            let (own, process) = bound.value
            _ = await own.client.isAnswered(preStop, by: own.context.podAddress, within: limit)
            // It may have ended meanwhile, which `signal` knows.
            process.signal(own.launch.stopSignal)
        }
    }

    private func ended(_ reason: String) {
        process = nil
        generation += 1
        probeTimer?.cancel()
        if machine.isWanted { owner?.report("\(name) ended: \(reason)") }
        let actions = machine.processEnded(reason, at: loop.now)
        owner?.processEnded(self)
        perform(actions)
    }

    // MARK: Readiness

    private func probe() {
        let probed = generation
        let bound = LoopBound(self, on: loop)
        loop.startTask {
            let own = bound.value
            let succeeded = await own.owner?.isServing(own) ?? false
            own.probeEnded(succeeded: succeeded, generation: probed)
        }
    }

    private func probeEnded(succeeded: Bool, generation probed: Int) {
        guard probed == generation else { return }
        perform(machine.probed(succeeded: succeeded))
        let interval =
            switch machine.phase {
            case .starting: PodProcess.firstProbeInterval
            case .ready, .notReady, .crashed, .terminating, .gone: PodProcess.probeInterval
            }
        if machine.isWanted { probeTimer?.schedule(after: interval) }
    }
}
