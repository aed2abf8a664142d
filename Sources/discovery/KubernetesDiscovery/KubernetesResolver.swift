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
    private var task: Task<Void, Never>?
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

    /// The API server tells of every change, so there is nothing to ask.
    func resolveAgain(urgent: Bool) {}

    func shutdown() {
        report = nil
        task?.cancel()
        task = nil
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
                state.nextLookup = time
                guard (try? await loop.sleep(for: time - MonotonicClock.now)) != nil else { return }
                state.nextLookup = nil
                action = machine.waited(at: MonotonicClock.now)
            }
        }
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
            machine.watchBegan()
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

    /// Reports what has changed; a failure only as long as there is nothing else.
    private func publish() {
        guard let slices = machine.slices else {
            guard let problem = machine.problem else { return }
            state.lastError = problem
            _ = report?(.failure(RPCError(.unavailable, "cannot find the pods of \(name): \(problem)")))
            return
        }
        state.lastError = machine.problem ?? slices.problem(with: port)
        if machine.problem == nil { state.lastLookup = MonotonicClock.now }
        guard slices != known else { return }
        known = slices
        let endpoints = slices.endpoints(at: port)
        guard endpoints != reported else { return }
        reported = endpoints
        state.endpoints = endpoints
        _ = report?(.success(Resolution(endpoints: endpoints)))
    }
}
