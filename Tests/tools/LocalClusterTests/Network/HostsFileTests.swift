import Addresses
import LocalCluster
import Testing

@Suite struct HostsFileTests {
    private let plan = AddressPlan(network: 30)

    private func lines(grpc numbers: UInt8...) -> [String] {
        let text = HostsFile.render(components: Component.all, plan: plan) { component in
            component == "grpc" ? numbers.map(plan.podAddress) : []
        }
        return text.split(separator: "\n").map(String.init)
    }

    @Test func aHeadlessNameHasALineForEachReadyPod() {
        let headless = lines(grpc: 1, 4).filter { $0.contains("-headless") }
        #expect(
            headless == [
                "127.30.1.1 sample-service-grpc-headless.default.svc.cluster.local",
                "127.30.1.4 sample-service-grpc-headless.default.svc.cluster.local",
            ])
    }

    @Test func aVirtualAddressIsThereWithoutReadyPods() {
        #expect(lines().contains("127.30.0.10 sample-service-grpc.default.svc.cluster.local"))
        #expect(!lines().contains { $0.contains("-headless") })
    }

    @Test func everyLineIsANameWithAnAddress() {
        for line in lines(grpc: 1).dropFirst() {
            let words = line.split(separator: " ")
            #expect(words.count == 2 && IPAddress(String(words[0])) != nil)
            #expect(words.last?.hasSuffix(".default.svc.cluster.local") == true)
        }
    }

    @Test func theMarkIsAnAddressThatCounts() {
        #expect(HostsFile.mark(258) == "0.0.1.2 publication.samplectl.cluster.local\n")
    }
}
