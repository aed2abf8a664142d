import LoadBalancing

/// How a running system goes from one mode to another without losing a call: first the parts of the new mode come up and
/// grpc pods enter themselves there too, then the gateway goes over, then grpc pods leave the old mode's registry, and
/// only then its parts go. Where a step would change nothing for anybody, there is none.
package struct ModeChange: Equatable, Sendable {
    package struct Stage: Equatable, Sendable {
        /// For people: what is being waited for.
        package let summary: String
        package let options: UpOptions
        package let topology: Topology
        /// Names of the components whose pods are replaced, because they are started otherwise now.
        package let restarts: [String]
    }

    package let mode: Mode
    package let policy: UpOptions.Policy?
    /// In turn; each begins when all pods of the one before are ready, and those that it replaced are gone.
    package var stages: [Stage]

    /// From any state; `isUnderWay` says that it is one in the middle of another change. `launch` says how the component's
    /// pods would be started.
    package init(
        to mode: Mode, policy: UpOptions.Policy?, from options: UpOptions, _ topology: Topology,
        isUnderWay: Bool = false,
        launch: (Component, UpOptions) -> Launch
    ) {
        self.mode = mode
        self.policy = policy
        // Parts of a mode that was left in a change which this one overtakes.
        let leftOver = Mode.all.filter { mode in
            !mode.parts.isEmpty && mode.parts.allSatisfy(topology.parts.contains)
        }
        let both = Topology(options.modes + leftOver + [mode])
        var joined = options
        joined.keptModes = (options.keptModes + [mode]).filter { $0 != options.mode }
        var over = joined
        over.mode = mode
        over.chosenPolicy = policy
        over.keptModes = (options.modes).filter { $0 != mode }
        var alone = over
        alone.keptModes = []

        stages = []
        var last = (options: options, topology: topology)
        func add(_ summary: String, _ next: UpOptions, _ topology: Topology, isLast: Bool = false) {
            let restarts = Component.core.filter { launch($0, last.options) != launch($0, next) }.map(\.name)
            // What changes nothing for anybody can come with the next stage; the last has nothing after it.
            guard !restarts.isEmpty || topology != last.topology || isLast && next != last.options else { return }
            stages.append(Stage(summary: summary, options: next, topology: topology, restarts: restarts))
            last = (next, topology)
        }
        // A gateway that goes over amid what is unfinished might find nobody on the other side. Going back needs no such
        // wait, and is what one does when the other side never comes up.
        if isUnderWay, mode != options.mode {
            stages.append(
                Stage(summary: "what is under way ends first", options: options, topology: topology, restarts: []))
        }
        add("what \(mode.name) needs starts, and grpc pods enter themselves there", joined, both)
        add("the gateway goes over to \(mode.name) with \(over.policy.rawValue)", over, both)
        add("grpc pods leave what only the old mode needs", alone, both)
        add("what only the old mode needs goes", alone, Topology([mode]), isLast: true)
    }
}
