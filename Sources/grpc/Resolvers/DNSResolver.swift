import Addresses
import DNS
import Events
import LoadBalancing
import RPCCore
import Timing

/// Finds endpoints by DNS: one endpoint per address. `ResolutionScheduler` says when it looks. Loop thread only.
final class DNSResolver: Resolver {
    private let loop: EventLoop
    private let client: DNSClient
    private let host: String
    private let port: UInt16
    private var scheduler: ResolutionScheduler
    private var report: ((Result<Resolution, RPCError>) -> Acceptance)?
    private var timer: Timer?
    /// The look-up whose answers count; an earlier one has been cancelled.
    private var query: DNSQuery?
    private var state = ResolverSnapshot()

    /// `server` nil asks those of resolv.conf.
    init(_ name: HostAndPort, server: SocketAddress?, configuration: ResolutionConfiguration, on loop: EventLoop) {
        self.loop = loop
        host = name.host
        port = name.port
        client = DNSClient(on: loop, configuration: DNSConfiguration(server: server))
        scheduler = ResolutionScheduler(configuration)
    }

    func start(_ report: @escaping (Result<Resolution, RPCError>) -> Acceptance) {
        self.report = report
        timer = Timer(on: loop) { [weak self] in self?.timerFired() }
        perform(scheduler.start(at: loop.now))
    }

    func resolveAgain(urgent: Bool) {
        perform(scheduler.resolveAgain(urgent: urgent, at: loop.now, random: .random(in: 0..<1)))
    }

    func shutdown() {
        scheduler.shutDown()
        report = nil
        query?.cancel()
        query = nil
        timer?.cancel()
        timer = nil
    }

    var snapshot: ResolverSnapshot {
        var snapshot = state
        snapshot.nextLookup = scheduler.nextLookup
        return snapshot
    }

    private func timerFired() {
        perform(scheduler.timerFired(at: loop.now, random: .random(in: 0..<1)))
    }

    private func perform(_ action: ResolutionScheduler.Action) {
        switch action {
        case .none:
            break
        case .lookUp(let timesOutAt):
            timer?.schedule(at: timesOutAt)
            lookUp()
        case .wait(let time):
            timer?.schedule(at: time)
        case .rest:
            timer?.cancel()
        case .timeOut(let retryAt):
            query?.cancel()
            query = nil
            timer?.schedule(at: retryAt)
            reportFailure("cannot resolve \"\(host)\": no answer in time")
        }
    }

    private func lookUp() {
        // Its late second answer would mix with the new one's.
        query?.cancel()
        state.lookups += 1
        state.lastLookup = loop.now
        let number = state.lookups
        query = client.lookUp(host) { [weak self] result in
            guard let self, number == self.state.lookups else { return }
            self.received(result)
        }
    }

    /// Comes a second time when one family's answer was late; the scheduler knows then that its look-up is over.
    private func received(_ result: Result<DNSAnswer, DNSError>) {
        switch result {
        case .success(let answer):
            let endpoints = answer.addresses.map { Endpoint(.ip($0, port: port)) }
            state.endpoints = endpoints
            state.timeToLive = answer.timeToLive
            state.lastError = nil
            state.lastAnswer = loop.now
            let resolution = Resolution(endpoints: endpoints, timeToLive: answer.timeToLive)
            switch report?(.success(resolution)) {
            case .accepted?:
                perform(
                    scheduler.lookupSucceeded(
                        timeToLive: answer.timeToLive, at: loop.now, random: .random(in: 0..<1)))
            case .refused?, nil:
                perform(scheduler.lookupFailed(at: loop.now, random: .random(in: 0..<1)))
            }
        case .failure(let error):
            perform(scheduler.lookupFailed(at: loop.now, random: .random(in: 0..<1)))
            reportFailure(error.description)
        }
    }

    /// The channel keeps the endpoints it has, and so does the snapshot.
    private func reportFailure(_ message: String) {
        state.lastError = message
        _ = report?(.failure(RPCError(.unavailable, message)))
    }
}
