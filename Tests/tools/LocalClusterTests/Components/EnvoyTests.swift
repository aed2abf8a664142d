import Addresses
import LocalCluster
import Testing

@Suite struct EnvoyTests {
    private func context(_ mode: Mode, template: String = "", dnsCache: Int = 0) -> PodContext {
        var options = UpOptions()
        options.mode = mode
        options.dnsCache = dnsCache
        let plan = AddressPlan(network: 40)
        return PodContext(
            options: options, plan: plan, podName: "the-pod", podAddress: plan.podAddress(number: 7),
            directory: "/state/pods/the-pod", nginxTemplate: "", webDirectory: "/web", envoyTemplate: template)
    }

    private func template() throws -> String {
        try ProgramFinder(ownDirectory: "/", path: "").envoyTemplate(from: #filePath)
    }

    @Test func everyPlaceholderOfTheRealConfigurationIsFilled() throws {
        let template = try template()
        #expect(
            Template.placeholders(in: template) == [
                "LISTEN_ADDRESS", "LISTEN_PORT", "HEALTH_ADDRESS", "HEALTH_PORT", "ADMIN_ADDRESS", "ADMIN_PORT",
                "GRPC_HOST", "GRPC_PORT",
            ])
        let filled = try #require(Component.envoy.launch(context(.envoy, template: template)).files["envoy-8080.yaml"])
        #expect(Template.placeholders(in: filled).isEmpty)
        #expect(filled.contains("address: \"127.40.1.7\", port_value: 8080"))
        #expect(
            filled.contains(
                "address: \"sample-service-grpc-headless.default.svc.cluster.local\", port_value: 8080"))
    }

    @Test func itsLinesHaveOneForm() throws {
        let launch = Component.envoy.launch(context(.envoy, template: try template()))
        let filled = try #require(launch.files["envoy-8080.yaml"])
        #expect(filled.contains(" text_format_source:") && !filled.contains(" json_format:"))
        #expect(filled.contains("\n                route_config:\n"), "what follows is there")
        #expect(launch.arguments.contains("%Y/%m/%d %T [%l] %v"))
    }

    /// It decides how long grpc pods outlast what DNS says of them.
    @Test func theDNSIntervalIsThatOfTheConfiguration() throws {
        #expect(try template().contains("dns_refresh_rate: \(Envoy.dnsInterval.components.seconds)s\n"))
        for mode in [Mode.envoy, .envoySidecar] {
            let options = context(mode, dnsCache: 30).options
            #expect(options.grpcShutdownDelay == .seconds(31))
        }
    }

    @Test func theServersOfResolvConfAreNotAsked() {
        let words = Component.envoy.launch(context(.envoy, dnsCache: 30)).arguments
        #expect(
            words.contains { $0.contains("resolvers: [{socket_address: {address: 127.40.0.54, port_value: 5353}}]") })
    }

    @Test func itDrainsBeforeItGetsTheSignal() {
        let launch = Component.envoy.launch(context(.envoy))
        #expect(launch.preStop == Launch.HTTPRequest(port: 18081, path: "/drain"))
        #expect(Component.envoy.readiness == Launch.HTTPRequest(port: 18081, path: "/ready"))
    }

    @Test func aGatewayHasASidecarInThatModeOnly() throws {
        #expect(Component.gateway.launch(context(.envoy)).sidecars.isEmpty)
        let launch = Component.gateway.launch(context(.envoySidecar))
        let sidecar = try #require(launch.sidecars.first)
        #expect(launch.environment["GRPC_TARGET"] == "ipv4:127.40.1.7:18080")
        #expect(launch.environment["LOAD_BALANCING_POLICY"] == "pick_first")
        #expect(sidecar.readiness == Launch.HTTPRequest(port: 18081, path: "/ready"))
        #expect(launch.programs == [.sibling("gateway"), sidecar.launch.file])
    }

    @Test func itsPortsMustBeFree() {
        let plan = AddressPlan(network: 40)
        #expect(Topology([.headless]).podPorts(context(.headless).options, plan) == [8080, 8081, 9090])
        #expect(Topology([.envoy]).podPorts(context(.envoy).options, plan) == [8080, 8081, 9090, 18081])
        #expect(Topology([.envoySidecar]).podPorts(context(.envoySidecar).options, plan).contains(18081))
    }

    @Test func theGatewayWaitsForEnvoyAndEnvoyForThePods() {
        let topology = Topology([.envoy])
        #expect(topology.predecessors(of: .gateway).contains("envoy"))
        #expect(topology.predecessors(of: .envoy) == ["grpc"])
        #expect(topology.predecessors(of: .grpc).isEmpty)
    }
}
