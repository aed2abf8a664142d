package import Events
import Instruments
import LoadBalancing
import LocalCluster
import System
import Terminal
import Timing

/// Makes the trials of a plan, one after the other, and fills the report. What goes wrong in one of them is a figure that
/// is missed, with the reason, and the next one is made. Loop thread only.
package final class LabRunner {
    private let plan: LabPlan
    private let systems: any TrialSystems
    private let loop: EventLoop
    /// Called with the number of each of the plan's steps that is made.
    package var began: (Int) -> Void = { _ in }
    package private(set) var report: LabReport
    private var step = 0

    package init(_ plan: LabPlan, _ systems: any TrialSystems, into report: LabReport, on loop: EventLoop) {
        self.plan = plan
        self.systems = systems
        self.report = report
        self.loop = loop
    }

    /// All trials were made.
    package private(set) var isComplete = false

    /// Throws if it was called off, or if systems cannot be stopped. Nothing runs then, or at the end.
    package func run() async throws {
        let start = MonotonicClock.now
        // What a run that was killed has left.
        try await systems.stop()
        try systems.prepare()
        for mode in plan.modes {
            report.modes.append(try await make(mode))
            report.tookSeconds = (MonotonicClock.now - start).inSeconds
        }
        for policy in plan.policies {
            defer { step += 1 }
            guard systems.obstacle(to: policy) == nil else { continue }
            report.policies.append(try await make(policy))
            report.tookSeconds = (MonotonicClock.now - start).inSeconds
        }
        isComplete = true
        try await systems.stop()
    }

    private func make(_ mode: Mode) async throws -> ModeReport {
        let next = step + plan.trials.count + 1
        defer { step = next }
        let setup = plan.setup(mode)
        var empty = ModeReport(mode: mode.name, policy: setup.policy.rawValue)
        empty.summary = mode.summary
        if let obstacle = systems.obstacle(to: mode) {
            if plan.areNamed {
                empty.figures.append(
                    try Figure(of: mode.name, notCompleted: LabPlan.start, because: Failure(obstacle)))
            } else {
                empty.skipped = obstacle
            }
            return empty
        }
        began(step)
        let bench: TrialBench
        do {
            bench = try await begin(setup)
        } catch {
            empty.figures.append(try Figure(of: mode.name, notCompleted: LabPlan.start, because: error))
            return empty
        }
        do {
            for trial in plan.trials {
                step += 1
                began(step)
                try await make(trial, on: bench)
            }
        } catch {
            bench.load.cancel()
            throw error
        }
        let record = try await bench.load.stop()
        bench.report.timeline = Timeline(of: record, from: bench.began, marks: bench.marks)
        if plan.isQuick, let curve = LatencyCurve(LatencyCurve.undisturbed, of: bench.undisturbed) {
            bench.report.latencies.append(curve)
        }
        return bench.report
    }

    private func begin(_ setup: TrialSetup) async throws -> TrialBench {
        let bench = TrialBench(try await systems.start(setup), on: loop)
        do {
            try await bench.begin()
        } catch {
            bench.load.cancel()
            throw error
        }
        return bench
    }

    /// Throws only if all is called off.
    private func make(_ trial: any Trial, on bench: TrialBench) async throws {
        if let obstacle = trial.needs.compactMap(bench.system.obstacle).first {
            return bench.report.leftOut.append(LeftOut(trial.name, because: obstacle))
        }
        do {
            try await trial.run(on: bench)
        } catch {
            bench.report.figures.append(try Figure(of: bench.report.mode, notCompleted: trial.name, because: error))
        }
    }

    private func make(_ policy: LoadBalancingPolicyName) async throws -> PolicyReport {
        began(step)
        do {
            return try await PolicyTrial.run(policy, on: try await systems.start(plan.setup(policy)), loop)
        } catch {
            var report = PolicyReport(policy: policy.rawValue)
            report.figures.append(try Figure(of: policy.rawValue, notCompleted: "slow-pod", because: error))
            return report
        }
    }
}

extension Figure {
    /// Of a trial that could not be made: missed, since it has no value. Throws on what calls the whole run off.
    fileprivate init(of subject: String, notCompleted trial: String, because error: any Error) throws {
        if error is CancellationError || Task.isCancelled { throw CancellationError() }
        self.init(
            trial: trial, name: "completed", of: subject, value: nil, .count,
            Prediction(expected: 1, within: 1...1, because: "\(error)"))
    }
}
