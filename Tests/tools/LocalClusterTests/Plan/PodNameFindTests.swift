import LocalCluster
import Terminal
import Testing

@Suite struct PodNameFindTests {
    private let names = [
        "sample-service-grpc-7d9f8c6b5-x2x4z", "sample-service-grpc-7d9f8c6b5-bcdfg",
        "sample-service-gateway-bcdfg2222-jklmn",
    ]

    private func message(_ word: String, in names: [String]) -> String? {
        #expect(throws: Failure.self) { try PodName.find(word, in: names) }?.message
    }

    @Test(arguments: [
        ("sample-service-grpc-7d9f8c6b5-x2x4z", 0), ("x2x4z", 0), ("x4z", 0), ("2x", 0), ("gateway", 2), ("jklmn", 2),
        // A part of two, and the end of one.
        ("bcdfg", 1),
    ])
    func onePodIsMeant(word: String, index: Int) throws {
        #expect(try PodName.find(word, in: names) == names[index])
    }

    @Test func aWholeNameIsMeantThoughAnotherHasMore() throws {
        #expect(try PodName.find("a", in: ["a", "a-b"]) == "a")
    }

    @Test func severalAreListed() {
        let expected = "'grpc' is a part of 2 pods' names: \(names[1]), \(names[0])"
        #expect(message("grpc", in: names) == expected)
    }

    @Test(arguments: ["nobody", "", "GATEWAY"]) func ifItIsNoneTheyAreListed(word: String) {
        #expect(message(word, in: names) == "there is no pod '\(word)'; there are: \(names.joined(separator: ", "))")
        #expect(message(word, in: [])?.hasPrefix("there is no pod '\(word)'") == true)
    }

    @Test(arguments: [
        ("sample-service-grpc-7d9f8c6b5-x2x4z", true), ("sample-service-envoy-7d9f8c6b5-x2x4z", true),
        ("sample-service-gateway-7d9f8c6b5-x2x4z-envoy", false), ("dnsmasq", false), ("sample-service-grpc", false),
    ])
    func aPodIsToldFromItsSidecarsAndOthers(name: String, isPod: Bool) {
        #expect(PodName.isPod(name) == isPod)
    }
}
