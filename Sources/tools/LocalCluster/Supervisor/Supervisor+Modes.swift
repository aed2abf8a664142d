import Addresses
import System
import Terminal

/// Another mode, while the system runs.
extension Supervisor {
    /// Begins to change to the mode; with a policy other than the mode's own, if one is given. Throws what the mode lacks.
    /// Asked for what is under way already, it leaves that alone.
    func change(to mode: Mode, policy: UpOptions.Policy?) throws(Failure) {
        if let change, change.mode == mode, change.policy == policy { return }
        if let missing = mode.missing { throw Failure(missing) }
        let change = ModeChange(to: mode, policy: policy, from: options, topology, isUnderWay: change != nil) {
            $0.launch(sampleContext($1))
        }
        report("going over to mode \(mode.name)")
        self.change = change
        beginStage()
    }

    /// Goes on with a change, if it has come to the end of a stage.
    func continueChange() {
        guard change != nil, isSettled else { return }
        change?.stages.removeFirst()
        beginStage()
    }

    private func beginStage() {
        guard let change, let stage = change.stages.first else {
            if let mode = change?.mode.name { report("the mode is \(mode)") }
            change = nil
            return
        }
        report(stage.summary)
        // First, because what `adopt` tells others may end the stage otherwise before it has begun.
        for name in stage.restarts { revisions[name, default: 0] += 1 }
        adopt(stage.options, stage.topology)
        reconcile()
    }

    /// Every wanted pod is there, and every other one has gone.
    private var isSettled: Bool {
        isReady && pods.allSatisfy { $0.machine.isWanted && !isOutdated($0) }
    }

    /// A pod's surroundings without a pod: for comparing how pods would be started.
    private func sampleContext(_ options: UpOptions) -> PodContext {
        context(options, podName: "", podAddress: plan.podAddress(number: 1), directory: "/")
    }
}
