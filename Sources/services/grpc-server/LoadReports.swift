import Events
import LoadBalancing
import RPCCore
import RPCServer
import Synchronization
import System
import Timing

/// Tells clients with each answer how busy this server is: its processors, its calls and errors a second (gRFC A51), by
/// which `weighted_round_robin` chooses. One for each loop; what they count is the whole server's.
///
/// The report is made once a second: an answer gets the one that lies ready.
final class LoadReports: ServerTracer, ServerCallTracer {
    final class Totals: Sendable {
        fileprivate let calls = Atomic<Int>(0)
        fileprivate let errors = Atomic<Int>(0)
    }

    private let totals: Totals
    private let loop: EventLoop
    private var meter: LoadMeter
    private var trailers = Metadata()
    private var timer: Timer?

    /// `loops` is how many threads the server works on.
    init(_ totals: Totals, loops: Int, on loop: EventLoop) {
        self.totals = totals
        self.loop = loop
        meter = LoadMeter(processors: loops)
        timer = Timer(on: loop) { [weak self] in self?.measure() }
        measure()
    }

    private func measure() {
        let sample = LoadMeter.Sample(
            time: loop.now, cpuTime: ProcessClock.cpuTime, calls: totals.calls.load(ordering: .relaxed),
            errors: totals.errors.load(ordering: .relaxed))
        if let report = meter.add(sample) {
            trailers = Metadata()
            // It cannot fail: the key is one for bytes.
            try? trailers.append(binary: report.bytes, for: LoadReport.key)
        }
        timer?.schedule(after: LoadMeter.interval)
    }

    // MARK: ServerTracer

    func callBegan(_ call: ServerContext) -> (any ServerCallTracer)? {
        // Probes are no load that one would choose by.
        guard call.route?.isApplication == true else { return nil }
        if !trailers.isEmpty { call.trailingMetadata = trailers }
        return self
    }

    func callEnded(_ call: ServerContext, _ summary: CallSummary) {
        totals.calls.add(1, ordering: .relaxed)
        if summary.status != .ok { totals.errors.add(1, ordering: .relaxed) }
    }
}
