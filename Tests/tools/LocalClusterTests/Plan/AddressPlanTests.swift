import Addresses
import LocalCluster
import Testing

@Suite struct AddressPlanTests {
    @Test func aPlanIsOneLoopbackNetwork() {
        let plan = AddressPlan(network: 77)
        #expect("\(plan.dns)" == "127.77.0.53:5353")
        #expect("\(plan.dnsCache)" == "127.77.0.54:5353")
        #expect("\(plan.claim)" == "127.77.0.1:5353")
        #expect("\(plan.virtualAddress(index: 2))" == "127.77.0.12")
        #expect("\(plan.podAddress(number: 254))" == "127.77.1.254")
    }

    @Test func theCandidatesAreAllNetworksBeginningWithTheNamesOwn() {
        let plans = AddressPlan.candidates(for: "sample-service")
        #expect(Set(plans.map(\.network)) == Set(AddressPlan.networks))
        #expect(plans.count == AddressPlan.networks.count)
        #expect(plans == AddressPlan.candidates(for: "sample-service"))
        #expect(plans.first != AddressPlan.candidates(for: "sample-service-demo").first)
    }

    @Test func servicesHaveAddressesOfTheirOwn() {
        let indexes = [Service.grpc, .gateway, .js, .nginx].compactMap { service -> UInt8? in
            if case .virtual(let index) = service.kind { index } else { nil }
        }
        #expect(Set(indexes).count == 4)
        // 127.N.0.53 is the DNS server's.
        #expect(indexes.allSatisfy { $0 < 43 })
    }

    @Test func aFreedAddressIsUsedAgainOnlyWhenItsTurnComes() throws {
        var addresses = PodAddresses(AddressPlan(network: 20))
        let taken = addresses.take()
        let first = try #require(taken)
        #expect("\(first)" == "127.20.1.1")
        addresses.giveBack(first)
        #expect(addresses.take().map(String.init(describing:)) == "127.20.1.2")
        for number in 3...254 {
            #expect(addresses.take() == AddressPlan(network: 20).podAddress(number: UInt8(number)))
        }
        #expect(addresses.take() == first)
        #expect(addresses.take() == nil)
    }
}
