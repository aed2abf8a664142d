import Events
import Lab
import LoadBalancing
import LocalCluster
import Terminal
import TestSupport
import Testing

@Suite struct LabRunnerTests {
    /// No system starts here. Loop thread only.
    private final class NoSystems: TrialSystems {
        let place = "nowhere"
        var isCalledOff = false
        private(set) var stops = 0

        func obstacle(to mode: Mode) -> String? { mode == .envoy ? "envoy is not installed: make deps" : nil }
        func obstacle(to policy: LoadBalancingPolicyName) -> String? { nil }

        func start(_ setup: TrialSetup) async throws -> any TrialSystem {
            if isCalledOff { throw CancellationError() }
            throw Failure("port 8080 is taken")
        }

        func stop() async throws { stops += 1 }
    }

    private static func runner(
        _ modes: [Mode], _ systems: NoSystems, areNamed: Bool = false, on loop: EventLoop
    ) -> LabRunner {
        let machine = LabReport.Machine(processor: "x", processors: 2, memoryMiB: 1, system: "Linux")
        let report = LabReport(
            began: "2026-11-22T09:00:00Z", version: "0.1.0", isQuick: true, place: "nowhere", machine: machine,
            settings: [])
        return LabRunner(LabPlan(modes: modes, areNamed: areNamed, isQuick: true), systems, into: report, on: loop)
    }

    @Test func aModeThatCannotStartIsAMissWithTheReasonAndTheNextIsTried() async throws {
        try await withLoop { loop in
            let runner = LabRunnerTests.runner([.headless, .envoy, .etcd], NoSystems(), on: loop)
            var steps: [Int] = []
            runner.began = { steps.append($0) }
            try await runner.run()
            #expect(runner.report.modes.map(\.mode) == ["headless", "envoy", "etcd"])
            #expect(runner.report.misses.map(\.subject) == ["headless", "etcd"])
            #expect(runner.report.misses.allSatisfy { $0.prediction.because == "port 8080 is taken" })
            #expect(runner.report.modes[1].skipped == "envoy is not installed: make deps")
            // The steps of a mode that is skipped have numbers, too.
            #expect(steps == [0, 10])
        }
    }

    @Test func aModeThatWasNamedAndIsNotHereIsAMiss() async throws {
        try await withLoop { loop in
            let runner = LabRunnerTests.runner([.envoy], NoSystems(), areNamed: true, on: loop)
            try await runner.run()
            #expect(runner.report.modes.map(\.skipped) == [nil])
            #expect(runner.report.misses.map(\.prediction.because) == ["envoy is not installed: make deps"])
            #expect(runner.report.exitStatus == 1)
        }
    }

    @Test func whoeverCallsItOffGetsNoReport() async throws {
        try await withLoop { loop in
            let systems = NoSystems()
            systems.isCalledOff = true
            let runner = LabRunnerTests.runner([.headless, .etcd], systems, on: loop)
            await #expect(throws: CancellationError.self) { try await runner.run() }
            #expect(runner.report.modes.isEmpty)
        }
    }

    @Test func nothingRunsBeforeOrAfterwards() async throws {
        try await withLoop { loop in
            let systems = NoSystems()
            try await LabRunnerTests.runner([], systems, on: loop).run()
            #expect(systems.stops == 2)
        }
    }
}
