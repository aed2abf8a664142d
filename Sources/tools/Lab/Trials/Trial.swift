import Timing

/// Something that is done to a system under load, and what is measured of it.
package protocol Trial: Sendable {
    /// The section that its figures stand in.
    var name: String { get }
    /// What a system must be able to do.
    var needs: [TrialDeed] { get }
    /// How long it may take, for whoever waits.
    func duration(_ setup: TrialSetup) -> Duration

    /// Adds its figures to the bench's report. Throws what kept it from being made.
    func run(on bench: TrialBench) async throws
}

/// In the order in which they are made: one leaves to the next what that one needs.
package enum Trials {
    package static let all: [any Trial] = [
        SpreadTrial(), UndisturbedTrial(), SlowPodTrial(), ScaleOutTrial(hasLongCalls: true), ScaleInTrial(),
        RestartTrial(), KillTrial(),
    ]
    package static let quick: [any Trial] = [
        SpreadTrial(), ScaleOutTrial(hasLongCalls: false), ScaleInTrial(), KillTrial(),
    ]
}
