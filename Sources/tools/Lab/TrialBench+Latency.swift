import Timing

extension TrialBench {
    static let shown = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)]

    /// Beside an undisturbed run of the same minute: as many of the calls as `share` percent take 200 ms more.
    func noteLatency(
        _ trial: String, _ curve: LatencyCurve, beside undisturbed: LatencyCurve? = nil, share: Double = 0,
        because: String
    ) {
        for (name, part) in TrialBench.shown {
            note(
                trial, name, curve.milliseconds(at: part), .milliseconds,
                LatencyTheory.predict(part, beside: undisturbed, slowShare: share, of: curve, because: because))
        }
    }
}

/// What calls take beside one slow pod.
package enum LatencyTheory {
    /// The slowest 1 % of the calls wait if more than 1 % do.
    package static func predict(
        _ part: Double, beside undisturbed: LatencyCurve?, slowShare: Double, of curve: LatencyCurve, because: String
    ) -> Prediction {
        let before = undisturbed?.milliseconds(at: part)
        // What a p99.9 of some thousand calls stands on is a handful.
        let slower = "; \(curve.slower(than: part)) of \(curve.calls) calls were slower"
        guard slowShare / 100 > 1 - part else {
            let because = before == nil ? because : "as undisturbed: fewer calls than that meet the slow pod"
            return Prediction(expected: before, within: 0...(.infinity), because: because + slower, isGated: false)
        }
        let least = SlowPodTrial.delay.inMilliseconds
        return Prediction(
            expected: before.map { $0 + least }, within: least...(.infinity), because: because + slower, isGated: false)
    }
}
