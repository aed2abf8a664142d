import Events

/// Asks for one family's addresses of one name, on a c-ares channel of its own.
///
/// A channel per question costs the reading of resolv.conf. It buys: a fresh resolv.conf; an end to one query that is
/// not the end of others, as `ares_cancel` is; and sockets of its own, since on a shared one the sending of one query
/// swallows the "connection refused" that another one waits for, which then times out. Loop thread only.
final class FamilyQuery {
    private let channel: AresChannel
    private let host: String
    private let family: AnswerAssembly.Family
    private let slot = OutcomeSlot()
    private let report: (AnswerAssembly.Outcome) -> Void
    private var timer: Timer?

    /// c-ares hands the outcome over from deep within a call; it is passed on when that call has returned, because the
    /// receiver may destroy the channel.
    private final class OutcomeSlot {
        var outcome: AnswerAssembly.Outcome?
    }

    init(
        _ host: String, _ family: AnswerAssembly.Family, configuration: DNSConfiguration, on loop: EventLoop,
        report: @escaping (AnswerAssembly.Outcome) -> Void
    ) throws(DNSError) {
        self.host = host
        self.family = family
        self.report = report
        let watcher = SocketWatcher(on: loop)
        channel = try AresChannel(configuration, watcher: watcher)
        watcher.ready = { [weak self] descriptor, readiness in
            self?.channel.process(descriptor, readiness)
            self?.afterCall()
        }
    }

    var servers: String { channel.servers }

    /// `report` is called once, later, unless `end` comes first.
    func start(on loop: EventLoop) {
        // While c-ares waits for anything it has a time-out, so this timer is scheduled and keeps the query alive.
        timer = Timer(on: loop) {
            self.channel.processTimeouts()
            self.afterCall()
        }
        channel.query(host, family) { [slot] in slot.outcome = $0 }
        // What a hosts file knows, and what cannot be asked, is there at once; the timer makes it come later.
        timer?.schedule(after: slot.outcome == nil ? channel.timeout ?? .zero : .zero)
    }

    private func afterCall() {
        guard let timer else { return }
        if let outcome = slot.outcome {
            end()
            report(outcome)
        } else {
            timer.schedule(after: channel.timeout ?? .zero)
        }
    }

    /// The channel goes with the last reference.
    func end() {
        timer?.cancel()
        timer = nil
    }
}
