import Events
import LocalCluster
import Terminal

/// The story, chapter by chapter, and the line at its end that says whether everything was as claimed.
package enum Chapters {
    /// In the order in which they are told.
    package static let all: [any DemoChapter] = [
        FourCorners(), IdlePods(), ScalingUnderLoad(), ReadinessSwitch(), RollingRestart(), KilledPod(),
    ]

    /// Those that are told only when they are asked for: they take long, and go farther than the story.
    package static let more: [any DemoChapter] = [SlowPod()]

    /// One for each load-balancing mode.
    package static let modes: [any DemoChapter] = Mode.all.map(ModeChapter.init)

    package static let names = (all + more).map(\.name).joined(separator: ", ")

    /// True if every claim held. Ctrl-C stops everything. Call it from a task on the stage's loop.
    package static func play(
        _ chapters: [any DemoChapter], as title: String = "demo", on stage: DemoStage
    ) async throws -> Bool {
        let bound = LoopBound(stage, on: stage.loop)
        let objection: String?
        do {
            objection = try await Interruption.watching(on: stage.loop) {
                // What a demo that was killed has left.
                try await bound.value.stop()
                let objection = try await tell(chapters, on: bound.value)
                try await bound.value.stop()
                bound.value.showComparison()
                return objection
            } cleanUp: {
                try await stage.stop()
            }
        } catch {
            _ = try? await stage.stop()
            objection = (error as? Failure)?.message ?? "\(error)"
        }
        if let objection {
            stage.conclude(stage.paint(.red, "\(title): failed: \(objection)"))
            return false
        }
        stage.conclude(stage.paint(.green, "\(title): passed"))
        return true
    }

    private static func tell(_ chapters: [any DemoChapter], on stage: DemoStage) async throws -> String? {
        var objection: String?
        for chapter in chapters {
            let found = try await chapter.play(on: stage)
            objection = objection ?? found
        }
        return objection
    }
}

/// A part of the demo that can be told by itself.
package protocol DemoChapter: Sendable {
    /// For `--chapter`.
    var name: String { get }
    /// For `--list`: one line.
    var summary: String { get }

    /// Plays it and returns the first claim that did not hold, as a sentence; nil if all held. Throws what kept it from
    /// being played.
    func play(on stage: DemoStage) async throws -> String?
}
