package import LoadBalancing
package import LocalCluster
import Timing

/// What a run of the lab does, in which order.
package struct LabPlan: Sendable {
    /// For whoever waits.
    package struct Step: Equatable, Sendable {
        /// Or the policy.
        package let mode: String
        package let trial: String
        package let about: Duration

        package init(mode: String, trial: String, about: Duration) {
            self.mode = mode
            self.trial = trial
            self.about = about
        }
    }

    package let modes: [Mode]
    /// Somebody named the modes: one that is not here is a miss.
    package let areNamed: Bool
    package let isQuick: Bool
    /// In place of each mode's own: what is predicted stays the mode's.
    package let policy: LoadBalancingPolicyName?

    package init(
        modes: [Mode] = Mode.all, areNamed: Bool = false, isQuick: Bool = false, policy: LoadBalancingPolicyName? = nil
    ) {
        self.modes = modes
        self.areNamed = areNamed
        self.isQuick = isQuick
        self.policy = policy
    }

    /// Times short enough to wait for, as in the demo; quicker still, and longer than the first 500 calls take.
    package func setup(_ mode: Mode) -> TrialSetup {
        TrialSetup(
            mode: mode, policy: policy, connectionAge: .seconds(isQuick ? 5 : 10),
            dnsInterval: .seconds(isQuick ? 1 : 2),
            dnsTTL: 5)
    }

    /// Nothing but the slow pod is to tell on the times.
    package func setup(_ policy: LoadBalancingPolicyName) -> TrialSetup {
        TrialSetup(mode: .headless, policy: policy, connectionAge: nil, dnsInterval: .seconds(2), dnsTTL: 5)
    }

    package var trials: [any Trial] { isQuick ? Trials.quick : Trials.all }

    /// Part of every full run in which nothing is left to choose.
    package var policies: [LoadBalancingPolicyName] {
        isQuick || policy != nil || !modes.contains(.headless) ? [] : LoadBalancingPolicyName.allCases
    }

    package static let start = "start"

    package var steps: [Step] {
        modes.flatMap { mode in
            [Step(mode: mode.name, trial: LabPlan.start, about: .seconds(4))]
                + trials.map { Step(mode: mode.name, trial: $0.name, about: $0.duration(setup(mode))) }
        } + policies.map { Step(mode: $0.rawValue, trial: "slow-pod", about: PolicyTrial.duration) }
    }

    /// That the predictions follow from.
    package var settings: [LabReport.Setting] {
        let setup = setup(Mode.headless)
        var settings = [
            LabReport.Setting("--replicas", "\(setup.pods)"),
            LabReport.Setting("--max-connection-age", setup.connectionAge.map(DurationText.format) ?? "off"),
            LabReport.Setting("--dns-interval", DurationText.format(setup.dnsInterval)),
            LabReport.Setting("--dns-ttl", "\(setup.dnsTTL)s"),
            LabReport.Setting("calls a second", "\(TrialBench.rate)"),
        ]
        if let policy { settings.append(LabReport.Setting("--policy", policy.rawValue)) }
        return settings
    }
}
