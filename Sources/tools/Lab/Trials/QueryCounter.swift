import Events
import Instruments
import System
import Timing

/// Counts what is asked about pods while nothing is done to them: of the DNS server by all, of a registry by all. It begins
/// at once. Loop thread only.
package final class QueryCounter {
    /// The look-ups of those who count them themselves. A look-up's questions reach the DNS server a moment later.
    private struct Lookups: Equatable {
        var gateway: Int
        var pods: Int
        var proxy: Int?
    }

    private struct Reading {
        /// Questions to the DNS server.
        let count: Int
        let registry: RegistryRequests?
        /// Right before the count, and right after: the same, unless somebody asked just then.
        let before: Lookups
        let after: Lookups
        let began: Instant
        let ended: Instant
    }

    /// For questions that are on their way.
    private static let calm = Duration.milliseconds(200)
    /// Look-ups are a second apart at least.
    private static let mostAttempts = 10

    private let bench: TrialBench
    private let first: Reading?
    private var last: Reading?

    package init(_ bench: TrialBench) async throws {
        self.bench = bench
        first = try await QueryCounter.read(bench)
    }

    package func stop() async throws {
        if first != nil { last = try await QueryCounter.read(bench) }
    }

    package func note() {
        guard let first, let last else {
            for deed in [TrialDeed.countQueries, .countRegistryRequests] {
                guard let reason = bench.system.obstacle(to: deed) else { continue }
                bench.report.leftOut.append(LeftOut("queries", because: reason))
            }
            return
        }
        let time = last.ended - first.began
        if let before = first.after.proxy, let after = last.before.proxy,
            let theory = bench.theory.proxyLookups(in: time)
        {
            bench.note("queries", "look-ups of the proxy in \(words(time))", Double(after - before), .count, theory)
        }
        let askers = ModeTheory.Askers(
            gateway: QueryCounter.between(first, last) { $0.gateway } ?? 0...0,
            pods: QueryCounter.between(first, last) { $0.pods } ?? 0...0,
            proxy: QueryCounter.between(first, last) { $0.proxy })
        bench.note(
            "queries", "DNS queries of all in \(words(time))", Double(last.count - first.count), .count,
            bench.theory.dnsQueries(in: time, askers))
        guard let before = first.registry, let after = last.registry else {
            if bench.theory.source == .watched {
                bench.report.leftOut.append(LeftOut("queries", because: "the registry does not tell what it was asked"))
            }
            return
        }
        let since = last.ended - bench.began
        for (figure, prediction) in bench.theory.registry(before, after, in: time, since: since) {
            bench.note("queries", figure.name, Double(figure.count), .count, prediction)
        }
    }

    private func words(_ time: Duration) -> String { FigureText.value(time.inSeconds, .seconds) }

    private static func between(
        _ first: Reading, _ last: Reading, _ count: (Lookups) -> Int?
    ) -> ClosedRange<Int>? {
        guard let least = count(first.before), let early = count(first.after), let late = count(last.before),
            let most = count(last.after)
        else { return nil }
        let fewest = max(0, late - early)
        return fewest...max(fewest, most - least)
    }

    /// In a moment in which nobody who tells of it asks: a question whose look-up has been counted, and that itself has
    /// not, would be one too few or too many.
    private static func read(_ bench: TrialBench) async throws -> Reading? {
        guard bench.system.obstacle(to: .countQueries) == nil else { return nil }
        for attempt in 1... {
            let before = try await lookups(bench)
            try await bench.loop.sleep(for: calm)
            let began = MonotonicClock.now
            let count = try await bench.system.queries()
            let registry = try await bench.system.registryRequests()
            let ended = MonotonicClock.now
            let reading = Reading(
                count: count, registry: registry, before: before, after: try await lookups(bench), began: began,
                ended: ended)
            if reading.before == reading.after || attempt == mostAttempts { return reading }
        }
        return nil
    }

    private static func lookups(_ bench: TrialBench) async throws -> Lookups {
        let diary = try await bench.readDiary()
        return Lookups(
            gateway: diary.lookups, pods: diary.podLookups, proxy: try await bench.system.proxyLookups())
    }
}
