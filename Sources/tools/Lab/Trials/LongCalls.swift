import Events
import Instruments
import System
import Terminal
import Timing

/// A call and a stream that take longer than a connection may live. They begin at once. Loop thread only.
final class LongCalls {
    private static let interval = Duration.milliseconds(500)

    /// The gateway takes no longer `delay`.
    private static let longest = Duration.seconds(60)

    /// Longer than a connection may live; nil: that is longer than a call may take, or they do not end.
    static func duration(_ setup: TrialSetup) -> Duration? {
        let time = setup.connectionAge.map { max(.seconds(15), $0 * 11 / 10 + .seconds(4)) }
        return time.flatMap { $0 <= longest ? $0 : nil }
    }

    /// nil, and noted as left out, where no call can be longer than a connection.
    static func begin(on bench: TrialBench) -> LongCalls? {
        guard let time = duration(bench.theory.setup) else {
            let age = bench.theory.setup.connectionAge.map(DurationText.format)
            bench.report.leftOut.append(
                LeftOut(
                    "long-call",
                    because: age.map { "connections live \($0), and a call may take \(DurationText.format(longest))" }
                        ?? "connections do not end by their age"))
            return nil
        }
        return LongCalls(taking: time, bench.system.entry, on: bench.loop)
    }

    private let entry: EntryClient
    private let time: Duration
    private let messages: Int
    private let loop: EventLoop
    private var failed: [String] = []
    private var received = 0
    private var outstanding = 2

    init(taking time: Duration, _ entry: EntryClient, on loop: EventLoop) {
        self.entry = entry
        self.time = time
        self.loop = loop
        messages = Int(time.nanoseconds / LongCalls.interval.nanoseconds) + 1
        let bound = LoopBound(self, on: loop)
        loop.startTask { await bound.value.call() }
        loop.startTask { await bound.value.stream() }
    }

    private func call() async {
        do throws(Failure) {
            _ = try await entry.sample(taking: time)
        } catch {
            failed.append(error.message)
        }
        outstanding -= 1
    }

    private func stream() async {
        do throws(Failure) {
            received = try await entry.stream(messages: messages, each: LongCalls.interval)
        } catch {
            failed.append(error.message)
        }
        outstanding -= 1
    }

    /// Waits for both, and notes what became of them.
    func finish(on bench: TrialBench) async throws {
        while outstanding > 0 { try await loop.sleep(for: .milliseconds(20)) }
        let age = bench.theory.setup.connectionAge.map(DurationText.format) ?? "off"
        let because =
            "they take \(DurationText.format(time)), connections live \(age): one that is to end (GOAWAY) ends after its"
            + " last call" + (failed.first.map { "; the first: \($0)" } ?? "")
        bench.note("long-call", "failed long calls", Double(failed.count), .count, ModeTheory.noFailure(because))
        bench.note(
            "long-call", "messages of a long stream", Double(received), .count,
            Prediction(
                expected: Double(messages), within: Double(messages)...Double(messages),
                because:
                    "one each \(DurationText.format(LongCalls.interval)) for \(DurationText.format(time)), and one at its beginning"
            ))
    }
}
