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

/// One pod: its own process, and the sidecars beside it, which are ready before it starts and end after it. Loop thread
/// only.
final class Pod {
    /// Whom the sidecars serve has ended; what they still do is done for nobody.
    private static let sidecarGracePeriod = Duration.seconds(2)

    let component: Component
    let context: PodContext
    /// Counts the restarts of the component before this pod was made.
    let revision: Int
    let createdAt: Instant
    /// The owner keeps it up to date.
    var dns = DNSPresence.never
    /// nil while it is not ready.
    private(set) var readySince: Instant?
    private let main: PodProcess
    private let sidecars: [(process: PodProcess, readiness: Launch.HTTPRequest)]
    private let client: HTTPClient
    private let loop: EventLoop
    private weak var owner: (any PodOwner)?

    var name: String { context.podName }
    var address: IPAddress { context.podAddress }
    var machine: PodMachine { main.machine }
    var process: ChildProcess? { main.process }
    /// Ready, and found by whoever looks for it.
    var isAvailable: Bool { machine.isReady && dns.isListed }

    init(
        _ component: Component, revision: Int, context: PodContext, finder: ProgramFinder, client: HTTPClient,
        log: PodLog, owner: any PodOwner, on loop: EventLoop
    ) throws(SystemError) {
        self.component = component
        self.revision = revision
        self.context = context
        self.client = client
        self.owner = owner
        self.loop = loop
        createdAt = loop.now
        let launch = component.launch(context)
        main = PodProcess(
            launch, named: context.podName, gracePeriod: launch.gracePeriod, context: context, finder: finder,
            client: client, log: log, on: loop)
        var sidecars: [(process: PodProcess, readiness: Launch.HTTPRequest)] = []
        for sidecar in launch.sidecars {
            let process = PodProcess(
                sidecar.launch, named: "\(context.podName)'s \(sidecar.name)", gracePeriod: Pod.sidecarGracePeriod,
                context: context, finder: finder, client: client, log: try log.sibling(sidecar.name), on: loop)
            sidecars.append((process, sidecar.readiness))
        }
        self.sidecars = sidecars
    }

    /// Starts the first process. Call it once.
    func start() {
        main.prepare(for: self)
        for sidecar in sidecars { sidecar.process.prepare(for: self) }
        if sidecars.isEmpty { main.start() }
        for sidecar in sidecars { sidecar.process.start() }
    }

    /// Of everything that runs in it.
    var pids: [Int32] { processes.compactMap { $0.process?.pid } }

    /// Which of its sidecars are ready.
    var sidecarsReady: [Bool] { sidecars.map(\.process.machine.isReady) }

    /// Paths of what it prints, its sidecars too.
    var logs: [String] { processes.map(\.log.path) }

    private var processes: [PodProcess] { [main] + sidecars.map(\.process) }

    func terminate(within gracePeriod: Duration? = nil) { main.terminate(within: gracePeriod) }

    /// Ends it without the delays that are there for clients, because there are none: to the services, a second signal
    /// means that nobody wants to wait. (Not the same one again: two that are pending become one.)
    func terminateAtOnce(within gracePeriod: Duration) {
        terminate(within: gracePeriod)
        process?.signal(.interrupt)
    }

    /// As a crash would.
    func kill() { process?.signal(.kill) }

    private func remove() {
        try? FileSystem.removeTree(context.directory)
        owner?.podRemoved(self)
    }
}

extension Pod: PodProcessOwner {
    func isServing(_ process: PodProcess) async -> Bool {
        if let sidecar = sidecars.first(where: { $0.process === process }) {
            return await client.isAnswered(sidecar.readiness, by: address)
        }
        // A pod is ready when everything in it is.
        guard sidecars.allSatisfy(\.process.machine.isReady) else { return false }
        return await client.isAnswered(component.readiness, by: address)
    }

    func processStarted(_ process: PodProcess) { owner?.processesChanged() }

    func processEnded(_ process: PodProcess) {
        if process === main {
            // A process that was killed may leave children behind, as nginx's master does; they hold its ports.
            let kept = Set(pids)
            for child in Leftovers.find(inPodDirectory: context.directory) where !kept.contains(child.pid) {
                ProcessTable.signal(.kill, child)
            }
        }
        owner?.processesChanged()
    }

    func readinessChanged(of process: PodProcess) {
        guard process === main else {
            if !main.hasBegun, machine.isWanted, sidecars.allSatisfy(\.process.machine.isReady) { main.start() }
            return
        }
        readySince = machine.isReady ? loop.now : nil
        owner?.readinessChanged(of: self)
    }

    func processRemoved(_ process: PodProcess) {
        if process === main {
            for sidecar in sidecars { sidecar.process.terminate() }
            if sidecars.isEmpty { remove() }
        } else if processes.allSatisfy({ $0.machine.phase == .gone }) {
            remove()
        }
    }

    func report(_ message: String) { owner?.report(message) }
}
