package import Events
import System
import Terminal
import Timing

/// Slow calls that are made all at once. Loop thread only.
package final class HeldCalls {
    private let client: EntryClient
    private let duration: Duration
    private let loop: EventLoop
    private var outstanding: Int
    private var record = LoadRecord()

    package init(_ count: Int, taking duration: Duration, _ client: EntryClient, on loop: EventLoop) {
        self.client = client
        self.duration = duration
        self.loop = loop
        outstanding = count
        let bound = LoopBound(self, on: loop)
        for _ in 0..<count { loop.startTask { await bound.value.call() } }
    }

    private func call() async {
        let began = MonotonicClock.now
        let outcome: LoadRecord.Outcome
        do throws(Failure) {
            outcome = .served(by: try await client.sample(taking: duration))
        } catch {
            outcome = .failed(error.message)
        }
        outstanding -= 1
        record.add(LoadRecord.Call(began: began, ended: MonotonicClock.now, outcome: outcome))
    }

    /// Returns when all have ended.
    package func wait() async throws -> LoadRecord {
        while outstanding > 0 { try await loop.sleep(for: .milliseconds(5)) }
        return record
    }
}
