import Addresses
import HTTP
import JSON
import KubernetesDiscovery
import LoadBalancing
import Testing

@Suite struct EndpointSliceTests {
    private static let port = ServiceReference.Port.name("grpc")

    @Test func readsTheRecordedList() throws {
        let page = try Recording.list()
        #expect(page.resourceVersion == "10924")
        #expect(page.next == nil)
        let slice = try #require(page.slices.first)
        #expect(slice.name == "sample-service-grpc-headless-r5xvl")
        #expect(slice.resourceVersion == "10848")
        #expect(slice.ports == [EndpointSlice.Port(name: "grpc", number: 8080)])
        let endpoints = EndpointSliceSet(page.slices).endpoints(at: Self.port)
        #expect(endpoints.map(\.description) == [199, 200, 201, 204, 202].map { "10.244.0.\($0):8080" })
        #expect(EndpointSliceSet(page.slices).endpoints(at: .number(8080)) == endpoints)
    }

    @Test func readsTheRecordedRefusals() throws {
        let unauthorized = StatusAnswer(.unauthorized, body: try Recording.body("unauthorized.http"))
        #expect(unauthorized.reason == "Unauthorized")
        #expect(unauthorized.description.hasPrefix("401 Unauthorized: the API server does not know the token"))
        let forbidden = StatusAnswer(.forbidden, body: try Recording.body("forbidden.http"))
        #expect(forbidden.description.contains("cannot list resource \"endpointslices\""))
        #expect(forbidden.description.contains("needs get, list and watch"))
        #expect(StatusAnswer(.badGateway, body: Array("<html>".utf8)).description == "502 Bad Gateway")
    }

    @Test func readyNilIsReadyAndTerminatingIsNot() throws {
        let conditions: [(JSONValue, Bool)] = [
            ([:], true), (["ready": .null], true), (["ready": true], true), (["ready": false], false),
            (["ready": true, "terminating": true], false), (["terminating": false], true),
            (["ready": .null, "serving": true, "terminating": true], false),
        ]
        for (condition, isReady) in conditions {
            let slice = try slice(sliceJSON("a", [endpointJSON("10.0.0.1", conditions: condition)]))
            #expect(slice.endpoints.first?.isReady == isReady, "\(condition)")
        }
        let bare: JSONValue = ["addresses": ["10.0.0.1"]]
        #expect(try slice(sliceJSON("a", [bare])).endpoints.first?.isReady == true)
    }

    @Test func severalSlicesAreOneSet() throws {
        let set = EndpointSliceSet([
            try slice(sliceJSON("b", [endpointJSON("10.0.0.3"), endpointJSON("10.0.0.1")])),
            try slice(sliceJSON("a", [endpointJSON("10.0.0.1"), endpointJSON("10.0.0.2")])),
        ])
        #expect(set.endpoints(at: Self.port).map(\.description) == ["10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080"])
    }

    /// While a pod moves from one slice to the other, it is in both.
    @Test func readyInOneSliceIsReady() throws {
        let set = EndpointSliceSet([
            try slice(sliceJSON("a", [endpointJSON("10.0.0.1", conditions: ["ready": false], uid: "p")])),
            try slice(sliceJSON("b", [endpointJSON("10.0.0.1", uid: "p")])),
        ])
        #expect(set.endpoints(at: Self.port).map(\.description) == ["10.0.0.1:8080"])
    }

    @Test func aPodWithTwoFamiliesIsOneServer() throws {
        let set = EndpointSliceSet([
            try slice(sliceJSON("a", [endpointJSON("fd00::1", uid: "p")], family: "IPv6")),
            try slice(sliceJSON("b", [endpointJSON("10.0.0.1", uid: "p"), endpointJSON("10.0.0.2", uid: "q")])),
        ])
        #expect(set.endpoints(at: Self.port).map(\.description) == ["10.0.0.1:8080+[fd00::1]:8080", "10.0.0.2:8080"])
    }

    @Test func portsByNameAndByNumber() throws {
        let ports: JSONValue = [
            ["name": "grpc", "port": 8080, "protocol": "TCP"], ["name": "admin", "port": 9090],
            ["name": "dns", "port": 53, "protocol": "UDP"], ["name": "any", "port": .null],
        ]
        let set = EndpointSliceSet([try slice(sliceJSON("a", [endpointJSON("10.0.0.1")], ports: ports))])
        #expect(set.endpoints(at: .name("admin")).map(\.description) == ["10.0.0.1:9090"])
        #expect(set.endpoints(at: .number(9090)).map(\.description) == ["10.0.0.1:9090"])
        #expect(set.endpoints(at: .number(53)).isEmpty)
        #expect(
            set.problem(with: .number(53))
                == "the Service's pods have no TCP port 53; they have: admin (9090), grpc (8080)")
        #expect(set.problem(with: .name("http"))?.contains("named \"http\"") == true)
        #expect(set.problem(with: .name("grpc")) == nil)
        #expect(EndpointSliceSet().problem(with: .name("grpc")) == nil)
    }

    @Test func otherFamiliesAreNoAddresses() throws {
        #expect(try slice(sliceJSON("a", [endpointJSON("pod.example")], family: "FQDN")).endpoints.isEmpty)
    }

    private static let unusable: [(JSONValue, String)] = [
        (["metadata": ["resourceVersion": "1"], "addressType": "IPv4"], "metadata.name"),
        (["metadata": ["name": "a"], "addressType": "IPv4"], "metadata.resourceVersion"),
        (["metadata": ["name": "a", "resourceVersion": "1"]], "addressType"),
        (sliceJSON("a", [["addresses": []]]), "an endpoint has no address"),
        (sliceJSON("a", [endpointJSON("10.0.0.256")]), "an endpoint has no address"),
        (sliceJSON("a", [endpointJSON("::1")]), "is not IPv4"),
        (sliceJSON("a", [endpointJSON("10.0.0.1", conditions: ["ready": "yes"])]), "ready is a string"),
        (sliceJSON("a", [], ports: [["port": 0]]), "1 to 65535"),
        (sliceJSON("a", [], ports: [["port": 70000]]), "1 to 65535"),
        (sliceJSON("a", [], ports: "8080"), "ports is a string"),
    ]

    @Test(arguments: unusable) func whatIsUsedMustBeRight(_ json: JSONValue, _ problem: String) {
        do throws(MalformedAnswer) {
            _ = try EndpointSlice(json)
            Issue.record("accepted")
        } catch {
            #expect(error.description.contains(problem), "\(error)")
        }
    }

    @Test func eventsMustBeRight() {
        let bad: [JSONValue] = [
            [:], ["type": "ADDED"], ["type": "ADDED", "object": ["kind": "Pod"]],
            ["type": "SYNC", "object": sliceJSON("a", [])], ["type": "ERROR", "object": ["kind": "Status"]],
            ["type": "BOOKMARK", "object": ["kind": "EndpointSlice", "metadata": [:]]],
        ]
        for json in bad { #expect(throws: MalformedAnswer.self, "\(json)") { try WatchEvent(json) } }
    }
}

@Suite struct WatchLinesTests {
    @Test func cutsAnywhere() throws {
        var lines = WatchLines()
        var found: [[UInt8]] = []
        for byte in "{\"a\":1}\n\n{\"b\":2}\n{".utf8 {
            lines.append([byte])
            while let line = try lines.next() { found.append(line) }
        }
        #expect(found == [Array("{\"a\":1}".utf8), Array("{\"b\":2}".utf8)])
    }

    @Test func aLineHasALimit() throws {
        var lines = WatchLines(limit: 4)
        lines.append(Array("1234\n12345".utf8))
        #expect(try lines.next() == Array("1234".utf8))
        #expect(throws: WatchLines.TooLong.self) { try lines.next() }
        var complete = WatchLines(limit: 4)
        complete.append(Array("12345\n".utf8))
        #expect(throws: WatchLines.TooLong.self) { try complete.next() }
    }
}
