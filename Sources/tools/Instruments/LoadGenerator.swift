package import Events
import System
import Terminal
package import Timing

/// Makes calls at a constant rate, whether those before have been answered or not: a service that stalls is not spared,
/// as it would be by clients that wait for their answers. Loop thread only.
package final class LoadGenerator {
    package static let usualRate = 200
    /// More at a time are not made; what is left out counts as failed.
    private static let mostOutstanding = 1000

    private let client: EntryClient
    private let loop: EventLoop
    private let interval: Duration
    private var nextCall = Instant.distantFuture
    private lazy var timer = Timer(on: loop) { [weak self] in self?.timeReached() }
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
    package func cancel() { timer.cancel() }

    /// Makes no further calls, and returns when all have ended.
    package func stop() async throws -> LoadRecord {
        cancel()
        while outstanding > 0 { try await loop.sleep(for: .milliseconds(5)) }
        return record
    }

    private func timeReached() {
        let now = MonotonicClock.now
        while nextCall <= now {
            begin(due: nextCall)
            nextCall = nextCall + interval
        }
        timer.schedule(at: nextCall)
    }

    private func begin(due: Instant) {
        let began = MonotonicClock.now
        guard outstanding < LoadGenerator.mostOutstanding else {
            let message = "\(outstanding) calls are under way already"
            return record.add(LoadRecord.Call(due: due, began: began, ended: began, outcome: .failed(message)))
        }
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
        record.add(LoadRecord.Call(due: due, began: began, ended: MonotonicClock.now, outcome: outcome))
    }
}
