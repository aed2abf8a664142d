import Addresses
import LoadBalancing
import LocalCluster
import Testing

@Suite struct ModeChangeTests {
    /// A registry with a component of its own, in which pods enter themselves.
    private static func registry(_ name: String, index: UInt8) -> Mode {
        let part = Component(
            name: name,
            services: [
                Service(name: "sample-service-\(name)", kind: .virtual(index: index), port: 2379, targetPort: 2379)
            ], replicas: { _ in 1 }, mostReplicas: 1, startsAfter: [],
            readiness: Component.Readiness(port: 2379, path: "/health")
        ) { _ in Launch(.system(name, package: name)) }
        return Mode(
            name: name, summary: "", defaultPolicy: .roundRobin, target: { _ in "\(name):///sample-service-grpc" },
            parts: [part], grpcSettings: { _ in [name: "here"] }, gatewaySettings: { _ in [name: "here"] })
    }

    private let left = registry("left", index: 90)
    private let right = registry("right", index: 91)

    private func launch(_ component: Component, _ options: UpOptions) -> Launch {
        let plan = AddressPlan(network: 40)
        return component.launch(
            PodContext(
                options: options, plan: plan, podName: "pod", podAddress: plan.podAddress(number: 1), directory: "/",
                nginxTemplate: "", webDirectory: "/"))
    }

    private func options(_ mode: Mode, kept: [Mode] = []) -> UpOptions {
        var options = UpOptions()
        options.mode = mode
        options.keptModes = kept
        return options
    }

    private func change(to mode: Mode, policy: LoadBalancingPolicyName? = nil, from options: UpOptions) -> ModeChange {
        ModeChange(to: mode, policy: policy, from: options, Topology(options.modes), launch: launch)
    }

    private func parts(_ stage: ModeChange.Stage) -> [String] { stage.topology.parts.map(\.name) }

    @Test func betweenModesWithoutARegistryOnlyTheGatewayIsReplaced() {
        let stages = change(to: .clusterIP, from: options(.headless)).stages
        #expect(stages.map(\.restarts) == [["gateway"], []])
        #expect(stages.last?.options == options(.clusterIP))
        // Until the gateway has gone over, whatever the old mode has is there.
        #expect(stages.first?.options.modes == [.clusterIP, .headless])
    }

    @Test func aRegistryComesBeforeItsPodsAndThoseBeforeTheGateway() {
        let stages = change(to: right, from: options(.headless)).stages
        #expect(stages.map(\.restarts) == [["grpc"], ["gateway"], []])
        #expect(stages.map(parts) == [["right"], ["right"], ["right"]])
        #expect(stages.map(\.options.mode) == [.headless, right, right])
        #expect(stages.last?.options.keptModes == [])
    }

    @Test func fromOneRegistryToAnotherPodsAreInBothWhileTheGatewayGoesOver() {
        let stages = change(to: right, from: options(left)).stages
        #expect(stages.map(\.restarts) == [["grpc"], ["gateway"], ["grpc"], []])
        #expect(
            stages.map { $0.options.modes.map(\.name).sorted() } == [
                ["left", "right"], ["left", "right"], ["right"], ["right"],
            ])
        #expect(
            stages.map { parts($0).sorted() } == [
                ["left", "right"], ["left", "right"], ["left", "right"], ["right"],
            ])
    }

    @Test func whatWasGivenUpHalfWayIsTakenBack() {
        let half = change(to: right, from: options(left)).stages[0]
        let back = ModeChange(to: left, policy: nil, from: half.options, half.topology, launch: launch)
        #expect(back.stages.map(\.restarts) == [["grpc"], []])
        #expect(back.stages.last?.options == options(left))
        #expect(back.stages.last.map(parts) == ["left"])
    }

    @Test func amidAnUnfinishedChangeTheGatewayWaits() {
        let half = options(left, kept: [right])
        let topology = Topology([left, right])
        let on = ModeChange(to: right, policy: nil, from: half, topology, isUnderWay: true, launch: launch)
        #expect(on.stages.map(\.restarts) == [[], ["gateway"], ["grpc"], []])
        #expect(on.stages.first?.options == half && on.stages.first?.topology == topology)
        // The way back begins at once: nothing may ever end what is under way.
        let back = ModeChange(to: left, policy: nil, from: half, topology, isUnderWay: true, launch: launch)
        #expect(back.stages.map(\.restarts) == [["grpc"], []])
    }

    @Test func toBeWhereOneIsTakesNoStep() {
        #expect(change(to: .headless, from: options(.headless)).stages.isEmpty)
    }

    @Test func aPolicyAloneReplacesTheGateway() {
        let stages = change(to: .headless, policy: .pickFirst, from: options(.headless)).stages
        #expect(stages.map(\.restarts) == [["gateway"]])
        #expect(stages.first?.options.policy == .pickFirst)
    }
}
