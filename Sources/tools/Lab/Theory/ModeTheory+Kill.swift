import Timing

/// What a `kill -9` costs.
extension ModeTheory {
    /// What can have happened between the count of the calls on a pod and its end.
    package struct Kill: Equatable, Sendable {
        /// Calls under way on the pod, as it counted itself.
        package let serving: Int
        /// Calls that it answered since it was counted: those do not fail.
        package let answered: Int
        /// Quick calls that were under way on any pod since then: those on this one do fail.
        package let quick: Int

        package init(serving: Int, answered: Int, quick: Int) {
            self.serving = serving
            self.answered = answered
            self.quick = quick
        }
    }

    /// Of calls that were under way.
    package func failures(of kill: Kill) -> Prediction {
        let part = Double(kill.quick) / Double(setup.pods)
        let more =
            switch choice {
            case .perConnection: Double(kill.quick)
            // One more for the turn, and one for a call between pod and client.
            case .inTurn: part.rounded(.up) + 2
            case .atRandom: (part + Chance.deviations * part.squareRoot()).rounded(.up) + 2
            }
        let least = kill.serving > 1 ? max(1, kill.serving - kill.answered - 1) : 0
        return Prediction(
            expected: Double(kill.serving), within: Double(least)...(Double(kill.serving) + more),
            because: "\(kill.serving) were under way on the pod just before; then it answered \(kill.answered), and"
                + " \(kill.quick) quick ones were under way somewhere")
    }

    /// From the kill until calls no longer fail because of it; nil: none that begins later does. Twice 250 ms between
    /// probes, then gRPC's first back-off of 1 s, with its 20 %.
    package var outage: Duration? {
        choice == .perConnection ? .milliseconds(500) + .milliseconds(1200) + ModeTheory.moment : nil
    }

    /// Of calls that begin after it. `rate` is in calls a second.
    package func failuresAfterKill(rate: Int) -> Prediction {
        guard let outage else {
            return ModeTheory.noFailure(
                hasProxy
                    ? "the proxy sends what it could not connect for to another pod"
                    : "the client has the other connections")
        }
        return Prediction(
            within: 0...(Double(rate) * outage.inSeconds).rounded(),
            because: "calls a second × the time until the last failure")
    }

    /// Nil where none fails that begins later.
    package var lastFailureAfterKill: Prediction? {
        outage.map { outage in
            Prediction(
                within: 0...outage.inSeconds,
                because:
                    "one time in n the next connection meets the dead pod, until a probe has seen it (0.5 s), or gRPC's"
                    + " back-off is over (1.2 s); \(DurationText.format(ModeTheory.moment)) on a busy machine")
        }
    }
}
