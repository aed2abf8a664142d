import Events
import Instruments
import LocalCluster
import System
import Terminal
import Timing

/// The remedy: servers close connections of a certain age, so clients look again.
struct ScalingUnderLoad: DemoChapter {
    let name = "scale"
    let summary = "5 → 10 → 1 → 5 pods under load with connection age 10 s: every pod gets its share, no call fails"

    private static let longCall = Duration.seconds(15)

    func play(on stage: DemoStage) async throws -> String? {
        let options = UpOptions.underLoad
        stage.open(
            "5 → 10 pods, and connections that end after 10 s",
            """
            Now the servers end each connection when it is 10 s old (MAX_CONNECTION_AGE, with a
            jitter of 10 %). They say so first (GOAWAY), and calls under way finish. The client
            connects again, and looks its target up again, at most every 2 s: it finds the new
            pods within 1.1 × 10 s + 2 s, and a second for connecting.

            One call takes 15 s, longer than its connection may live.
            """)
        let scene = try await stage.scene(options)
        guard let limit = scene.noticeLimit else { return nil }
        var known = Set(try await scene.settle().map(\.name))
        let load = LoadGenerator(scene.client, on: stage.loop)
        let bound = LoopBound(scene.client, on: stage.loop)
        let long = Task(executorPreference: stage.loop) { await ScalingUnderLoad.callLong(bound.value) }

        let out = try await grow(to: 10, known: &known, scene, load, limit)
        stage.show(out.table(load.record))
        let longCall = await long.value

        stage.open(
            "10 → 1 → 5 pods",
            """
            A pod that is to go leaves DNS first, serves on for 3 s, sends GOAWAY, and ends when
            its last call is answered. Then one pod carries everything, and gets help again.
            """)
        let began = MonotonicClock.now
        known = Set(try await scene.scale(to: 1).map(\.name))
        stage.tell("\nNine pods are gone after \(SecondsText.format(MonotonicClock.now - began)).")
        let again = try await grow(to: 5, known: &known, scene, load, limit)
        let record = try await load.stop()
        stage.show(again.table(record))
        stage.tell("\(LoadGenerator.usualRate) calls a second: \(record.summary)\n")
        return stage.judge([
            record.noneFailed, out.verdict(record).about("5 → 10"), again.verdict(record).about("1 → 5"), longCall,
        ])
    }

    /// Orders more pods, and waits until each has had a call, or its time is over.
    private func grow(
        to count: Int, known: inout Set<String>, _ scene: Scene, _ load: LoadGenerator, _ limit: Duration
    ) async throws -> Arrivals {
        let ordered = MonotonicClock.now
        let pods = try await scene.scale(to: count)
        let arrivals = scene.arrivals(
            of: pods.filter { !known.contains($0.name) }, ordered: ordered, limit: limit)
        try await scene.wait(for: arrivals, load)
        known.formUnion(pods.map(\.name))
        return arrivals
    }

    private static func callLong(_ client: EntryClient) async -> Verdict {
        let claim = "the call of \(SecondsText.format(longCall)) outlives its connection's age, and is answered"
        do throws(Failure) {
            _ = try await client.sample(taking: longCall)
            return Verdict(claim)
        } catch {
            return Verdict(claim, objection: error.message)
        }
    }
}
