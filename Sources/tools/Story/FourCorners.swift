import Instruments
import LocalCluster
import System
import Terminal
import Timing

/// The lesson: of the four ways to combine DNS and policy, only one spreads the calls.
struct FourCorners: DemoChapter {
    private static let requests = 500
    private static let concurrency = 10

    let name = "corners"
    let summary = "ClusterIP or headless, pick_first or round_robin: only one of the four spreads the calls"

    func play(on stage: DemoStage) async throws -> String? {
        stage.say(
            """
            Five pods serve gRPC. Requests go from here to nginx, from nginx to the gateway,
            and the gateway makes a gRPC call for each. Which pods get the calls depends on
            two things: what DNS says about the pods, and what the gateway's gRPC channel
            makes of it.
            """)
        var objection: String?
        for (index, corner) in Corner.all.enumerated() {
            stage.open("\(index + 1). \(corner.title)", corner.explanation)
            let found = try await play(corner, isLast: index == Corner.all.count - 1, on: stage)
            objection = objection ?? found.map { "\(corner.title): \($0)" }
        }
        return objection
    }

    private func play(_ corner: Corner, isLast: Bool, on stage: DemoStage) async throws -> String? {
        var options = UpOptions()
        options.mode = corner.mode
        options.chosenPolicy = corner.policy
        // Reconnecting would change the pod in the middle of the count.
        options.maxConnectionAge = nil
        // Nobody is there whom a pod that is being stopped could still serve.
        options.chosenShutdownDelay = .zero
        let scene = try await stage.scene(options)
        let pods = scene.report.pods.filter { $0.component == Component.grpc.name }.map(\.name)
        let connections = corner.connections(pods: pods.count)
        try await scene.waitForConnections(connections)
        let began = MonotonicClock.now
        let distribution = await scene.client.distribution(
            requests: FourCorners.requests, concurrency: FourCorners.concurrency)
        try Task.checkCancellation()
        let time = SecondsText.format(MonotonicClock.now - began)
        let plural = connections == 1 ? "connection" : "connections"
        stage.tell(
            "\n\(FourCorners.requests) requests, \(FourCorners.concurrency) at a time, in \(time);"
                + " the gateway has \(connections) gRPC \(plural):\n")
        stage.show(BarChart.lines(distribution, pods: pods))
        stage.say()
        let objection = stage.judge([
            Verdict(corner.claim.text, objection: corner.claim.objection(to: distribution, pods: pods))
        ])
        if isLast { try await explain(scene, on: stage) }
        return objection
    }

    /// What makes the difference, while a system is there that can be asked.
    private func explain(_ scene: Scene, on stage: DemoStage) async throws {
        stage.say("\n" + stage.paint.bold("Why") + "\n")
        stage.say("   The two names, as the gateway's resolver sees them:\n")
        for service in [Service.grpc, .grpcHeadless] {
            let addresses = try await scene.addresses(of: service)
            for (index, address) in addresses.enumerated() {
                stage.say("   \((index == 0 ? service.name : "").padded(to: 30))\(address)")
            }
        }
        stage.say(
            """

               A channel can only choose among the addresses that it is given, and only if its
               policy chooses at all. Both must be right.

            """)
    }
}
