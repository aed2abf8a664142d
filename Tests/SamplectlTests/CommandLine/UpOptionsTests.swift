import Testing
import samplectl

@Suite struct UpOptionsTests {
    private func parse(_ words: String...) throws -> UpOptions {
        try UpOptions(Arguments(words, syntax: Verb.up.syntax))
    }

    @Test func theDefaultsAreTheCharts() throws {
        let options = try parse()
        #expect(options.mode == .headless && options.policy == .roundRobin && options.replicas == 5)
        #expect(options.port == 31234 && options.maxConnectionAge == .seconds(30))
        #expect(options.dnsInterval == .seconds(5) && options.dnsTTL == 5 && options.shutdownDelay == .seconds(5))
    }

    @Test func thePolicyFollowsTheModeUnlessItIsChosen() throws {
        #expect(try parse("--mode", "clusterip").policy == .pickFirst)
        #expect(try parse("--mode", "clusterip", "--policy", "round_robin").policy == .roundRobin)
        #expect(try parse("--policy", "pick_first").policy == .pickFirst)
    }

    @Test func everyOptionIsPassedOnToTheSupervisor() throws {
        let options = try parse(
            "--mode", "clusterip", "--policy", "round_robin", "--replicas", "3", "--port", "31300",
            "--max-connection-age", "off", "--dns-interval", "250ms", "--dns-ttl", "1m", "--shutdown-delay", "0s",
            "--web", "site", "--log-level", "debug")
        #expect(options.maxConnectionAge == nil && options.dnsTTL == 60)
        let words = options.arguments
        #expect(try UpOptions(Arguments(words, syntax: Verb.supervise.syntax)) == options)
        // Whoever adds an option must add it there, too.
        for option in UpOptions.syntax { #expect(words.contains("--\(option.name)")) }
    }

    @Test(arguments: [
        ("mode", "mesh"), ("policy", "random"), ("replicas", "0"), ("replicas", "51"), ("replicas", "five"),
        ("port", "0"), ("port", "65536"), ("port", "-1"), ("max-connection-age", "0s"), ("max-connection-age", "30"),
        ("dns-interval", "off"), ("dns-ttl", "1500ms"), ("dns-ttl", "48h"), ("log-level", "warning"),
        ("shutdown-delay", "-1s"), ("web", ""),
    ])
    func aBadValueIsNamedWithWhatIsExpected(name: String, value: String) throws {
        let error = #expect(throws: UsageError.self) { try parse("--\(name)", value) }
        #expect(error?.message.hasPrefix("--\(name) '\(value)' is not possible; expected: ") == true)
    }
}
