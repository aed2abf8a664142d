import Addresses
import ConsulDiscovery
import Testing

@Suite struct ConsulHealthTests {
    private func health(_ text: String) throws -> ConsulHealth { try ConsulHealth(Array(text.utf8)) }

    @Test func noEntryIsASetLikeAnyOther() throws {
        #expect(try health("[]").addresses == [])
    }

    /// As Consul 1.8.7 answers, without what is not read.
    @Test func eachEntryIsAnAddress() throws {
        let found = try health(
            #"""
            [{"Node": {"Node": "t", "Address": "127.77.0.1", "Meta": {"consul-network-segment": ""}},
              "Service": {"ID": "p1", "Service": "s", "Tags": [], "Address": "127.77.1.2", "Meta": null, "Port": 8080},
              "Checks": [{"CheckID": "serfHealth", "Status": "passing"}]},
             {"Node": {"Address": "127.77.0.1"}, "Service": {"Address": "fd00::7", "Port": 81}}]
            """#)
        #expect(found.addresses.map(\.description) == ["127.77.1.2:8080", "[fd00::7]:81"])
        #expect(found.leftOut == [])
    }

    @Test func aServiceWithoutAnAddressIsAtItsNode() throws {
        let found = try health(#"[{"Node": {"Address": "10.0.0.9"}, "Service": {"Address": "", "Port": 8080}}]"#)
        #expect(found.addresses.map(\.description) == ["10.0.0.9:8080"])
    }

    @Test func aPodThatTwoAgentsKnowIsThereOnce() throws {
        let entry = #"{"Service": {"Address": "10.0.0.1", "Port": 8080}}"#
        #expect(try health("[\(entry), \(entry)]").addresses.count == 1)
    }

    @Test func whatNobodyCanConnectToIsLeftOutAndNamed() throws {
        let found = try health(
            #"""
            [{"Service": {"Address": "pod.test", "Port": 8080}}, {"Service": {"Address": "10.0.0.1", "Port": 0}},
             {"Service": {"Address": "10.0.0.2", "Port": 70000}}, {"Service": {"Address": "10.0.0.3", "Port": 8080}}]
            """#)
        #expect(found.addresses.map(\.description) == ["10.0.0.3:8080"])
        #expect(
            found.leftOut == [
                "\"pod.test\" is not an IP address", "10.0.0.1 has the port 0", "10.0.0.2 has the port 70000",
            ])
    }

    @Test(arguments: [
        "", "{}", "null", "<html>", "[1]", "[{}]", #"[{"Service": 1}]"#, #"[{"Service": {"Address": "10.0.0.1"}}]"#,
        #"[{"Service": {"Address": "10.0.0.1", "Port": "80"}}]"#, #"[{"Service": {"Port": 80}}]"#,
        #"[{"Service": {"Address": "", "Port": 80}}]"#, #"[{"Service": {"Address": "10.0.0.1", "Port": 80}}"#,
    ])
    func whatConsulDoesNotAnswerIsMalformed(_ text: String) {
        #expect(throws: ConsulHealth.Malformed.self) { try health(text) }
    }

    @Test func indexesAreNumbers() {
        #expect(ConsulHealth.index("0") == 0)
        #expect(ConsulHealth.index("18446744073709551615") == .max)
        for text in [nil, "", "-1", "+1", "1.5", " 1", "x", "18446744073709551616"] {
            #expect(ConsulHealth.index(text) == nil)
        }
    }
}
