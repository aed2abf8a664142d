import Events
import Instruments
import LocalCluster
import System
import Terminal
import Timing

/// The problem: who looks only once never hears of new pods.
struct IdlePods: DemoChapter {
    let name = "idle"
    let summary = "5 → 10 pods while connections never end: the new pods stay idle"

    /// As long as the next chapter gives each pod.
    private static let wait = Duration.seconds(14)

    func play(on stage: DemoStage) async throws -> String? {
        stage.open(
            "5 → 10 pods, and connections that never end",
            """
            A gRPC client looks its target up when it starts, and then only when it loses a
            connection. There is no timer: pods that come later are in DNS, and nobody asks.
            """)
        var options = UpOptions.underLoad
        options.maxConnectionAge = nil
        options.chosenShutdownDelay = .zero
        let scene = try await stage.scene(options)
        let old = Set(try await scene.settle().map(\.name))
        let load = LoadGenerator(scene.client, on: stage.loop)
        let pods = try await scene.scale(to: 10)
        let began = MonotonicClock.now
        try await stage.loop.sleep(for: IdlePods.wait)
        let record = try await load.stop()
        let distribution = record.distribution(since: began)
        stage.tell(
            "\n\(LoadGenerator.usualRate) calls a second, for \(SecondsText.format(IdlePods.wait))"
                + " after the tenth pod entered DNS:\n")
        let names = pods.map(\.name).filter(old.contains) + pods.map(\.name).filter { !old.contains($0) }
        stage.show(BarChart.lines(distribution, pods: names))
        stage.say()
        let called = names.first { !old.contains($0) && distribution.served[$0] != nil }
        return stage.judge([
            Verdict("the five new pods get no call at all", objection: called.map { "\($0) got some" }),
            record.noneFailed,
        ])
    }
}
