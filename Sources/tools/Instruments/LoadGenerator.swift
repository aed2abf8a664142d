package import Events
import System
import Terminal
package import Timing

/// Makes calls at a constant rate, whether those before have been answered or not: a service that stalls is not spared,
/// as it would be by clients that wait for their answers. Each call knows when it was its turn, and its latency counts
/// from then. Loop thread only.
package final class LoadGenerator {
    package static let usualRate = 200
    /// One more waits until another has ended, while its time runs. nginx has 1024 connections (`worker_connections`), of
    /// which a request takes two, and a third one in mode nginx: a stall of some seconds would be errors of nginx's own.
    private static let mostOutstanding = 250

    private let client: EntryClient
    private let loop: EventLoop
    private let interval: Duration
    private var nextCall = Instant.distantFuture
    private lazy var timer = Timer(on: loop) { [weak self] in self?.timeReached() }
    private var isStopped = false
    package private(set) var record = LoadRecord()
    /// When it was the turn of those that are under way.
    private var turns: Set<Instant> = []
    package var outstanding: Int { turns.count }

    /// Every call whose turn was before that has been made, and has ended.
    package func isDone(until time: Instant) -> Bool { nextCall >= time && turns.allSatisfy { $0 >= time } }

    /// Begins at once. `rate` is in calls a second.
    package init(_ client: EntryClient, rate: Int = LoadGenerator.usualRate, on loop: EventLoop) {
        self.client = client
        self.loop = loop
        interval = .nanoseconds(1_000_000_000 / Int64(rate))
        nextCall = MonotonicClock.now
        timer.schedule(at: nextCall)
    }

    /// Makes no further calls.
    package func cancel() {
        isStopped = true
        timer.cancel()
    }

    /// Makes no further calls, and returns when all have ended.
    package func stop() async throws -> LoadRecord {
        cancel()
        while outstanding > 0 { try await loop.sleep(for: .milliseconds(5)) }
        return record
    }

    private func timeReached() {
        let now = MonotonicClock.now
        while nextCall <= now, outstanding < LoadGenerator.mostOutstanding {
            begin(due: nextCall)
            nextCall = nextCall + interval
        }
        if nextCall > now { timer.schedule(at: nextCall) }
    }

    private func begin(due: Instant) {
        let began = MonotonicClock.now
        turns.insert(due)
        let bound = LoopBound(self, on: loop)
        loop.startTask { await bound.value.call(due: due, began: began) }
    }

    private func call(due: Instant, began: Instant) async {
        let outcome: LoadRecord.Outcome
        do throws(Failure) {
            outcome = .served(by: try await client.sample())
        } catch {
            outcome = .failed(error.message)
        }
        turns.remove(due)
        let now = MonotonicClock.now
        record.add(LoadRecord.Call(due: due, began: began, ended: now, outcome: outcome))
        if nextCall <= now, !isStopped { timeReached() }
    }
}
