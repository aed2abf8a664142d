import Addresses
import LoadBalancing
import LocalCluster
import Settings
import System
import Testing

@Suite struct ComponentTests {
    private func context(_ change: (inout UpOptions) -> Void = { _ in }, template: String = "") -> PodContext {
        var options = UpOptions()
        change(&options)
        let plan = AddressPlan(network: 40)
        return PodContext(
            options: options, plan: plan, podName: "the-pod", podAddress: plan.podAddress(number: 7),
            directory: "/state/pods/the-pod", nginxTemplate: template, webDirectory: "/repository/web")
    }

    @Test func aPodIsToldItsNameAndItsAddresses() {
        let environment = Component.grpc.launch(context()).environment
        #expect(environment["LISTEN_ADDRESS"] == "127.40.1.7:8080")
        #expect(environment["ADMIN_ADDRESS"] == "127.40.1.7:9090")
        #expect(environment["POD_NAME"] == "the-pod" && environment["POD_IP"] == "127.40.1.7")
        #expect(environment["MAX_CONNECTION_AGE"] == "30s")
        #expect(environment["LOAD_REPORTS"] == "true")
        let off = Component.grpc.launch(context { $0.maxConnectionAge = nil }).environment
        #expect(off["MAX_CONNECTION_AGE"] == "off")
    }

    @Test func theGatewaysTargetAndPolicyFollowTheMode() {
        let headless = Component.gateway.launch(context()).environment
        #expect(
            headless["GRPC_TARGET"]
                == "dns://127.40.0.53:5353/sample-service-grpc-headless.default.svc.cluster.local:8080")
        #expect(headless["LOAD_BALANCING_POLICY"] == "round_robin")
        let clusterIP = Component.gateway.launch(context { $0.mode = .clusterIP }).environment
        #expect(
            clusterIP["GRPC_TARGET"] == "dns://127.40.0.53:5353/sample-service-grpc.default.svc.cluster.local:8080")
        #expect(clusterIP["LOAD_BALANCING_POLICY"] == "pick_first")
    }

    @Test func theGatewayIsToldThePolicyInItsServiceConfig() {
        let settings = { (change: (inout UpOptions) -> Void) in
            Component.gateway.launch(context(change)).environment.filter {
                ["SERVICE_CONFIG", "LOAD_BALANCING_POLICY"].contains($0.key)
            }
        }
        #expect(
            settings { $0.serviceConfig = #"{"methodConfig":[]}"# }
                == ["SERVICE_CONFIG": #"{"methodConfig":[],"loadBalancingConfig":[{"round_robin":{}}]}"#])
        let own = #"{"loadBalancingConfig":[{"pick_first":{"shuffleAddressList":true}}]}"#
        #expect(settings { $0.serviceConfig = own } == ["SERVICE_CONFIG": own])
        let chosen = settings {
            $0.serviceConfig = own
            $0.chosenPolicy = .roundRobin
        }
        #expect(chosen == ["SERVICE_CONFIG": #"{"loadBalancingConfig":[{"round_robin":{}}]}"#])
    }

    @Test func theGatewayLearnsOfAllPodsByDNSWhereTheModeDoesNotKnowThem() {
        let headless = "dns://127.40.0.53:5353/sample-service-grpc-headless.default.svc.cluster.local:8080"
        for mode in Mode.all {
            let environment = Component.gateway.launch(context { $0.mode = mode }).environment
            let knowsThem = ["kubernetes", "etcd", "consul"].contains(mode.name)
            #expect(environment["POD_SOURCE"] == (knowsThem ? nil : headless), "\(mode.name)")
        }
    }

    @Test func clientsAskTheCacheIfThereIsOne() {
        let context = context({ $0.dnsCache = 3 }, template: "resolver @RESOLVER@;")
        #expect(
            Component.gateway.launch(context).environment["GRPC_TARGET"]?.hasPrefix("dns://127.40.0.54:5353/") == true)
        #expect(Component.nginx.launch(context).files["nginx.conf"] == "resolver 127.40.0.54:5353 valid=5s ipv6=off;")
    }

    @Test func onlyGRPCPodsWaitForDNS() {
        let context = context { $0.dnsCache = 30 }
        for (component, delay) in [(Component.grpc, 35), (.gateway, 5), (.js, 5)] {
            let launch = component.launch(context)
            #expect(
                launch.environment["SHUTDOWN_DELAY"] == "\(delay)s" && launch.environment["SHUTDOWN_GRACE"] == "65s")
            #expect(launch.gracePeriod == .seconds(delay + 65 + 5))
        }
        #expect(Component.nginx.launch(context).gracePeriod == .seconds(75))
    }

    @Test func theGatewayReachesJSByItsVirtualAddress() {
        #expect(Component.gateway.launch(context()).environment["HTTP_TARGET"] == "http://127.40.0.12:8080/js/hello")
    }

    @Test func theJSPodServesTheWebDirectory() {
        let launch = Component.js.launch(context())
        #expect(launch.file == .sibling("js-server"))
        #expect(launch.environment["STATIC_ROOT"] == "/repository/web")
        #expect(launch.environment["LISTEN_ADDRESS"] == "127.40.1.7:8080")
    }

    @Test func aHeadlessServiceDoesNotTranslatePorts() {
        for service in Component.all.flatMap(\.services) where service.kind == .headless {
            #expect(service.port == service.targetPort)
        }
    }

    @Test(arguments: Mode.all) func onlyExistingComponentsAreWaitedFor(_ mode: Mode) {
        let topology = Topology([mode])
        var begun: Set<String> = []
        // As often as there are components: a circle never begins.
        for _ in topology.components {
            for component in topology.components
            where topology.predecessors(of: component).allSatisfy(begun.contains) {
                begun.insert(component.name)
            }
        }
        #expect(begun == Set(topology.components.map(\.name)))
    }

    @Test func nginxListensOnTheNodesPortAndOnThePods() {
        let launch = Component.nginx.launch(context({ $0.port = 31300 }, template: "server { @LISTEN@ }"))
        #expect(launch.files["nginx.conf"] == "server { listen 127.0.0.1:31300; listen 127.40.1.7:8080; }")
        #expect(launch.stopSignal == .quit)
    }

    @Test func everyPlaceholderOfTheRealConfigurationIsFilled() throws {
        let finder = ProgramFinder(ownDirectory: "/", path: "")
        let template = try finder.nginxTemplate(from: #filePath)
        #expect(
            Template.placeholders(in: template) == [
                "LISTEN", "RESOLVER", "GATEWAY", "JS", "DIRECTORY", "GRPC_LISTEN", "GRPC_BACKEND",
                "LOG_FORMAT",
            ])
        let filled = try #require(Component.nginx.launch(context(template: template)).files["nginx.conf"])
        #expect(Template.placeholders(in: filled).isEmpty)
        #expect(filled.contains("set $backend sample-service-gateway.default.svc.cluster.local:8080;"))
        #expect(filled.contains("resolver 127.40.0.53:5353 valid=5s ipv6=off;"))
    }

    @Test func anUnknownComponentIsNamedWithThoseThereAre() {
        let error = #expect(throws: UsageError.self) { try Component.required("grcp") }
        #expect(error?.description.hasPrefix("there is no component 'grcp'; there are: grpc, gateway, ") == true)
    }

    @Test func whatThereCanBeOnlyOneOfIsNotRestartedInTurn() {
        #expect(throws: UsageError.self) { try Component.nginx.checkCanRoll() }
        #expect(throws: Never.self) { try Component.gateway.checkCanRoll() }
    }
}
