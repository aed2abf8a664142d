package import Timing

/// Which step of a run is being done, and how long the rest may take. Pure.
package struct LabSchedule: Equatable, Sendable {
    package typealias Step = LabPlan.Step

    private let steps: [Step]
    private var current: Int?
    private var began = Instant.distantFuture
    /// Of the steps that are over: what they took, and what was said before.
    private var took = Duration.zero
    private var expected = Duration.zero

    package init(_ steps: [Step]) { self.steps = steps }

    /// The step of this number begins, and the one before is over.
    package mutating func begin(_ index: Int, at now: Instant) {
        finish(at: now)
        guard steps.indices.contains(index) else { return }
        current = index
        began = now
    }

    package mutating func finish(at now: Instant) {
        guard let current else { return }
        took += now - began
        expected += steps[current].about
        self.current = nil
    }

    /// As if that much had taken as long as it was to: the first, short steps say little of the others.
    private static let trust = Duration.seconds(30)

    /// Goes by how right the steps until now were about themselves: between half and three times as long.
    package func left(at now: Instant) -> Duration {
        guard let current else { return .zero }
        let later = steps[(current + 1)...].reduce(Duration.zero) { $0 + $1.about }
        let rest = scaled(steps[current].about) - (now - began)
        return max(rest, .zero) + scaled(later)
    }

    private func scaled(_ duration: Duration) -> Duration {
        let (took, expected) = (took + LabSchedule.trust, expected + LabSchedule.trust)
        return duration * min(max(Double(took.nanoseconds) / Double(expected.nanoseconds), 0.5), 3)
    }

    /// `[3/72] headless, scale-out: 12 s; about 14 min left`; nil when nothing is under way.
    package func line(at now: Instant) -> String? {
        guard let current else { return nil }
        let seconds = Int((now - began).nanoseconds / 1_000_000_000)
        return heading(current) + (seconds >= 2 ? ": \(seconds) s" : "") + "; \(LabSchedule.words(left(at: now)))"
    }

    private func heading(_ index: Int) -> String {
        let step = steps[index]
        return "[\(index + 1)/\(steps.count)] \(step.mode), \(step.trial)"
    }

    private static func words(_ left: Duration) -> String {
        let seconds = left.nanoseconds / 1_000_000_000
        return seconds < 60 ? "less than a minute left" : "about \((seconds + 30) / 60) min left"
    }
}
