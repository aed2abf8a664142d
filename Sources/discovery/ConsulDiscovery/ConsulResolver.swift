import Addresses
import Bytes
import Events
import HTTP
import HTTPTransport
import LoadBalancing
import RPCCore
import Timing

/// Finds the endpoints of a service by Consul's health endpoint: those all of whose checks pass. `ConsulWatch` says when
/// it asks. Loop thread only.
///
/// There is always a query under way that waits for a change, or a back-off, so a lost subchannel is no reason to ask;
/// that none is left is one to cut the back-off short.
final class ConsulResolver: Resolver {
    /// How long a query waits for a change; Consul adds up to a sixteenth. It bounds how long a connection that has died
    /// in silence is believed to live.
    static let wait = Duration.seconds(30)
    /// From the end of that time to the answer's, and for a query that does not wait.
    static let answerTime = Duration.seconds(5)

    private let service: String
    private let agent: ConsulAgent
    private let loop: EventLoop
    private var watch: ConsulWatch
    private var report: ((Result<Resolution, RPCError>) -> Acceptance)?
    var lookupFailed: ((RPCError) -> Void)?
    private var timer: Timer?
    private var state = ResolverSnapshot()

    init(
        _ service: String, agent: ConsulAgent, configuration: ConsulWatch.Configuration = .init(), on loop: EventLoop
    ) {
        self.service = service
        self.agent = agent
        self.loop = loop
        watch = ConsulWatch(configuration)
    }

    func start(_ report: @escaping (Result<Resolution, RPCError>) -> Acceptance) {
        self.report = report
        timer = Timer(on: loop) { [weak self] in self?.timerFired() }
        // In a later turn: a connection that is refused at once must not be reported from within this call.
        timer?.schedule(at: loop.now)
    }

    func resolveAgain(urgent: Bool) {
        guard urgent, watch.nextQuery != nil else { return }
        watch.urgent()
        if let next = watch.nextTimer { timer?.schedule(at: next) }
    }

    func shutdown() {
        watch.shutDown()
        report = nil
        timer?.cancel()
        timer = nil
        agent.shutdown()
    }

    var snapshot: ResolverSnapshot {
        var snapshot = state
        snapshot.nextLookup = watch.nextQuery
        return snapshot
    }

    private func timerFired() {
        perform(state.lookups == 0 ? watch.start(at: loop.now) : watch.timerFired(at: loop.now))
    }

    private func perform(_ action: ConsulWatch.Action) {
        if let addresses = action.report {
            let endpoints = addresses.map { Endpoint($0) }
            state.endpoints = endpoints
            switch report?(.success(Resolution(endpoints: endpoints))) {
            case .refused?: watch.refused()
            case .accepted?, nil: break
            }
        }
        // Whoever was told may have shut this down.
        guard report != nil else { return }
        if let next = watch.nextTimer { timer?.schedule(at: next) } else { timer?.cancel() }
        if let index = action.query {
            state.lookups += 1
            state.lastLookup = loop.now
            let bound = LoopBound(self, on: loop)
            loop.startTask { await bound.value.query(index) }
        }
    }

    private func query(_ index: UInt64) async {
        do throws(RPCError) {
            let (health, answer) = try await ask(index)
            guard report != nil else { return }
            state.lastAnswer = loop.now
            state.lastError = health.leftOut.isEmpty ? nil : leftOut(health.leftOut)
            perform(watch.answered(index: answer, health.addresses, at: loop.now))
        } catch {
            guard report != nil else { return }
            state.lastError = error.message
            let action = watch.failed(at: loop.now, random: .random(in: 0..<1))
            // The channel keeps the endpoints it has; only one that has none is told why.
            if watch.hasSet { lookupFailed?(error) } else { _ = report?(.failure(error)) }
            perform(action)
        }
    }

    private func leftOut(_ entries: [String]) -> String {
        "Consul at \(agent.address): \(entries.count) of \"\(service)\" left out: \(entries[0])"
    }

    private func ask(_ index: UInt64) async throws(RPCError) -> (ConsulHealth, index: UInt64) {
        var target = "/v1/health/service/\(PercentCoding.encodeComponent(service))?passing=1"
        var timeout = ConsulResolver.answerTime
        if index > 0 {
            target += "&index=\(index)&wait=\(ConsulResolver.wait.components.seconds)s"
            timeout += ConsulResolver.wait * 17 / 16
        }
        let response = try await agent.send(.get, target, timeout: timeout)
        guard response.status.code == 200 else { throw agent.refusal(response, of: "the pods of \"\(service)\"") }
        guard let answer = ConsulHealth.index(response.head.fields["X-Consul-Index"]) else {
            throw malformed("it has no number X-Consul-Index; is that Consul?")
        }
        do throws(ConsulHealth.Malformed) {
            return (try ConsulHealth(response.body), answer)
        } catch {
            throw malformed(error.problem)
        }
    }

    private func malformed(_ problem: String) -> RPCError {
        RPCError(.unavailable, "Consul at \(agent.address): bad answer for \"\(service)\": \(problem)")
    }
}
