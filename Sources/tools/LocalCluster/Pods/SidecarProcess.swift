import Events
import HTTP
import HTTPTransport
import System
import Terminal
import Timing

/// What a pod does for its sidecars.
protocol SidecarOwner: AnyObject {
    func sidecarChanged()
    func sidecarStarted()
    func report(_ message: String)
}

/// Runs one process beside a pod's own: starts it again when it ends by itself, as `PodMachine` says. Loop thread only.
final class SidecarProcess {
    /// Whom it serves has ended; what it still does is done for nobody.
    private static let gracePeriod = Duration.seconds(2)

    let sidecar: Launch.Sidecar
    private let context: PodContext
    private let finder: ProgramFinder
    private let client: HTTPClient
    private let loop: EventLoop
    let log: PodLog
    private weak var owner: (any SidecarOwner)?
    private(set) var machine: PodMachine
    private(set) var process: ChildProcess?
    private var wakeUp: Timer?
    private var probeTimer: Timer?
    private var generation = 0

    var name: String { "\(context.podName)'s \(sidecar.name)" }
    var hasEnded: Bool { machine.phase == .gone }

    init(
        _ sidecar: Launch.Sidecar, context: PodContext, finder: ProgramFinder, client: HTTPClient, log: PodLog,
        owner: any SidecarOwner, on loop: EventLoop
    ) {
        self.sidecar = sidecar
        self.context = context
        self.finder = finder
        self.client = client
        self.loop = loop
        self.log = log
        self.owner = owner
        var settings = PodMachine.Settings.defaults
        settings.gracePeriod = SidecarProcess.gracePeriod
        machine = PodMachine(at: loop.now, settings: settings)
    }

    /// Call it once.
    func start() {
        wakeUp = Timer(on: loop) { [weak self] in
            guard let self else { return }
            perform(machine.timeReached(loop.now))
        }
        probeTimer = Timer(on: loop) { [weak self] in self?.probe() }
        startProcess()
    }

    /// Ends it. The owner hears of it when it has ended.
    func stop() { perform(machine.terminate(at: loop.now)) }

    private func perform(_ actions: [PodMachine.Action]) {
        wakeUp?.schedule(at: machine.wakeUp)
        for action in actions {
            switch action {
            case .startProcess: startProcess()
            case .askToStop: process?.signal(sidecar.launch.stopSignal)
            case .kill: process?.signal(.kill)
            case .announceReadiness: owner?.sidecarChanged()
            case .remove:
                wakeUp?.cancel()
                probeTimer?.cancel()
                owner?.sidecarChanged()
            }
        }
    }

    private func startProcess() {
        generation += 1
        do {
            try sidecar.launch.prepare(in: context.directory)
            process = try ChildProcess(
                try sidecar.launch.command(in: context.directory, finder), on: loop,
                output: { [log, loop] (descriptor) throws(SystemError) in
                    _ = try OutputCollector(adopting: descriptor, on: loop) { log.append($0) }
                },
                exited: { [weak self] in self?.processEnded("\($0)") })
            owner?.sidecarStarted()
            probeTimer?.schedule(after: Pod.firstProbeInterval)
        } catch {
            processEnded((error as? Failure)?.message ?? "\(error)")
        }
    }

    private func processEnded(_ reason: String) {
        process = nil
        generation += 1
        probeTimer?.cancel()
        if machine.isWanted { owner?.report("\(name) ended: \(reason)") }
        perform(machine.processEnded(reason, at: loop.now))
    }

    private func probe() {
        let probed = generation
        let bound = LoopBound(self, on: loop)
        loop.startTask {
            let own = bound.value
            let succeeded = await own.client.isAnswered(own.sidecar.readiness, by: own.context.podAddress)
            own.probeEnded(succeeded: succeeded, generation: probed)
        }
    }

    private func probeEnded(succeeded: Bool, generation probed: Int) {
        guard probed == generation else { return }
        perform(machine.probed(succeeded: succeeded))
        if machine.isWanted {
            probeTimer?.schedule(after: machine.isReady ? Pod.probeInterval : Pod.firstProbeInterval)
        }
    }
}
