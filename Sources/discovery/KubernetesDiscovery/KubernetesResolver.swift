import Events
import LoadBalancing
import RPCCore
import System
import Timing

/// Finds a Service's pods in its EndpointSlices, and hears of each change. `SliceWatchMachine` says what is asked of the
/// API server. Loop thread only.
final class KubernetesResolver: Resolver {
    private let loop: EventLoop
    private let api: KubernetesAPI
    private let port: ServiceReference.Port
    private let name: String
    private var machine: SliceWatchMachine
    private var report: ((Result<Resolution, RPCError>) -> Acceptance)?
    var lookupFailed: ((RPCError) -> Void)?
    private var task: Task<Void, Never>?
    /// Of the back-off.
    private var timer: Timer?
    private var rested: Notice?
    private var state = ResolverSnapshot()
    /// nil before the first.
    private var reported: [Endpoint]?
    /// What `reported` was made from.
    private var known: EndpointSliceSet?

    init(_ service: ServiceReference, namespace: String, configuration: KubernetesConfiguration, on loop: EventLoop) {
        self.loop = loop
        port = service.port
        name = "\(namespace)/\(service.service)"
        api = KubernetesAPI(configuration, service: service.service, namespace: namespace, on: loop)
        machine = SliceWatchMachine(backoff: configuration.backoff)
    }

    func start(_ report: @escaping (Result<Resolution, RPCError>) -> Acceptance) {
        self.report = report
        let bound = LoopBound(self, on: loop)
        // In a turn of its own: nothing is reported from within this call.
        loop.execute { bound.value.begin() }
    }

    private func begin() {
        guard report != nil else { return }
        let bound = LoopBound(self, on: loop)
        task = loop.startTask { await bound.value.run() }
    }

    /// The API server tells of every change, so there is nothing to ask; but a long back-off is cut short.
    func resolveAgain(urgent: Bool) {
        guard urgent, let time = machine.urgentRetry, let planned = state.nextLookup, time < planned else { return }
        state.nextLookup = time
        timer?.schedule(at: time)
    }

    func shutdown() {
        report = nil
        task?.cancel()
        task = nil
        rested?.give()
    }

    var snapshot: ResolverSnapshot { state }

    private func run() async {
        var action = machine.start()
        while report != nil {
            switch action {
            case .list(let page): action = await list(page)
            case .watch(let version): action = await watch(from: version)
            case .wait(let time):
                publish()
                await rest(until: time)
                action = machine.waited()
            }
        }
    }

    private func rest(until time: Instant) async {
        // Whoever was told may have shut this down.
        if report == nil { return }
        let rested = Notice()
        self.rested = rested
        let timer = Timer(on: loop) { rested.give() }
        self.timer = timer
        timer.schedule(at: time)
        state.nextLookup = time
        if machine.slices != nil, let problem = machine.problem { lookupFailed?(failure(problem)) }
        await rested.wait()
        timer.cancel()
        self.timer = nil
        self.rested = nil
        state.nextLookup = nil
    }

    private func list(_ page: String?) async -> SliceWatchMachine.Action {
        do throws(SliceWatchMachine.Failure) {
            if page == nil { state.lookups += 1 }
            let answer = try await api.list(page: page)
            let action = machine.listed(answer, at: MonotonicClock.now, random: .random(in: 0..<1))
            publish()
            return action
        } catch {
            return machine.failed(error, at: MonotonicClock.now, random: .random(in: 0..<1))
        }
    }

    private func watch(from version: String) async -> SliceWatchMachine.Action {
        do throws(SliceWatchMachine.Failure) {
            let watch = try await api.watch(from: version)
            defer { watch.close() }
            machine.watchBegan(at: MonotonicClock.now)
            publish()
            while let event = try await watch.next() {
                if let action = machine.received(event, at: MonotonicClock.now, random: .random(in: 0..<1)) {
                    return action
                }
                publish()
                if report == nil { break }
            }
            return machine.watchEnded(at: MonotonicClock.now, random: .random(in: 0..<1))
        } catch {
            return machine.failed(error, at: MonotonicClock.now, random: .random(in: 0..<1))
        }
    }

    private func failure(_ problem: String) -> RPCError {
        RPCError(.unavailable, "cannot find the pods of \(name): \(problem)")
    }

    /// Reports what has changed; a failure only as long as there is nothing else.
    private func publish() {
        guard let slices = machine.slices else {
            guard let problem = machine.problem else { return }
            state.lastError = problem
            _ = report?(.failure(failure(problem)))
            return
        }
        state.lastError = machine.problem ?? slices.problem(with: port)
        if machine.problem == nil {
            state.lastLookup = MonotonicClock.now
            state.lastAnswer = state.lastLookup
        }
        guard slices != known else { return }
        known = slices
        let endpoints = slices.endpoints(at: port)
        guard endpoints != reported else { return }
        reported = endpoints
        state.endpoints = endpoints
        _ = report?(.success(Resolution(endpoints: endpoints)))
    }
}
