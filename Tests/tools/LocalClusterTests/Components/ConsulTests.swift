import Addresses
import LocalCluster
import Testing

@Suite struct ConsulTests {
    private var context: PodContext {
        var options = UpOptions()
        options.mode = .consul
        let plan = AddressPlan(network: 40)
        return PodContext(
            options: options, plan: plan, podName: "the-pod", podAddress: plan.podAddress(number: 7),
            directory: "/state/pods/the-pod", nginxTemplate: "", webDirectory: "/web", envoyTemplate: "")
    }

    @Test func itListensAtItsPodOnlyAndAsksNobodyElse() {
        let words = Component.consul.launch(context).arguments
        for option in ["-bind", "-client"] {
            let index = words.firstIndex(of: option)
            #expect(index.map { words[$0 + 1] } == "127.40.1.7")
        }
        #expect(words.contains("disable_update_check = true"))
    }

    @Test func podsAndGatewaysFindItByItsService() {
        let address = "\(AddressPlan(network: 40).virtualAddress(index: 7)):8500"
        #expect(Component.grpc.launch(context).environment["CONSUL_HTTP_ADDR"] == address)
        let gateway = Component.gateway.launch(context).environment
        #expect(gateway["CONSUL_HTTP_ADDR"] == address)
        #expect(gateway["GRPC_TARGET"] == "consul:///sample-service-grpc")
        #expect(gateway["LOAD_BALANCING_POLICY"] == "round_robin")
    }

    @Test func whereItIsMissingOneHearsHowToGetIt() {
        let finder = ProgramFinder(ownDirectory: "/nowhere", path: "")
        #expect {
            _ = try finder.path(of: .part("consul-of-no-system", remedy: "make deps fetches it"))
        } throws: { "\($0)".contains("make deps fetches it") }
    }
}
