import Addresses
import Events

/// A look-up in flight; it goes on whether somebody holds on to it or not. Loop thread only.
package final class DNSQuery {
    /// Comes once, or twice if one family's answer lets itself be waited for: see `AnswerAssembly`.
    package typealias Report = (Result<DNSAnswer, DNSError>) -> Void

    private let host: String
    private let loop: EventLoop
    private var servers = ""
    private var assembly = AnswerAssembly()
    private var report: Report?
    /// Comes once, after the last report, unless the query is cancelled.
    private var finished: (() -> Void)?
    private var parts: [FamilyQuery] = []
    private var timer: Timer?

    init(_ host: String, on loop: EventLoop, report: @escaping Report, finished: @escaping () -> Void) {
        self.finished = finished
        self.host = host
        self.loop = loop
        self.report = report
    }

    /// Nothing is reported from now on.
    package func cancel() {
        end()
        report = nil
        finished = nil
    }

    func start(_ configuration: DNSConfiguration) {
        if let address = IPAddress(host) {
            return reportLater(.success(DNSAnswer(addresses: [address], timeToLive: nil)))
        }
        guard DNSQuery.isPlausible(host) else { return reportLater(.failure(error(.malformedName))) }
        do {
            parts = try AnswerAssembly.Family.allCases.map { family throws(DNSError) in
                try FamilyQuery(host, family, configuration: configuration, on: loop) { self.received($0, for: family) }
            }
        } catch {
            return reportLater(.failure(self.error(error.reason)))
        }
        servers = parts.first?.servers ?? ""
        for part in parts { part.start(on: loop) }
    }

    /// At most 253 bytes and a final dot (RFC 1035, section 2.3.4, as text); NUL would end the name early in C.
    private static func isPlausible(_ host: String) -> Bool {
        (1...254).contains(host.utf8.count) && host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }

    private func error(_ reason: DNSError.Reason) -> DNSError {
        DNSError(host: host, servers: servers, reason: reason)
    }

    private func reportLater(_ result: Result<DNSAnswer, DNSError>) {
        startTimer(.zero) { $0.finish(result) }
    }

    private func startTimer(_ delay: Duration, then body: @escaping (DNSQuery) -> Void) {
        // Strong: the timer keeps the query until it fires.
        let timer = Timer(on: loop) { body(self) }
        timer.schedule(after: delay)
        self.timer = timer
    }

    private func received(_ outcome: AnswerAssembly.Outcome, for family: AnswerAssembly.Family) {
        perform(assembly.received(outcome, for: family))
    }

    private func perform(_ action: AnswerAssembly.Action) {
        switch action {
        case .wait: break
        case .startDelay:
            startTimer(AnswerAssembly.resolutionDelay) { $0.perform($0.assembly.delayElapsed()) }
        case .deliver(let result, let isLast):
            let result = result.mapError(error)
            if isLast { finish(result) } else { report?(result) }
        case .finish:
            finish(nil)
        }
    }

    /// With the last result, if there is one to report.
    private func finish(_ result: Result<DNSAnswer, DNSError>?) {
        end()
        if let result { report?(result) }
        report = nil
        finished?()
        finished = nil
    }

    private func end() {
        timer?.cancel()
        timer = nil
        for part in parts { part.end() }
        parts = []
    }
}
