import Addresses
import LoadBalancing
import LocalCluster
import Settings
import Telemetry
import Terminal
import Testing
import samplectl

@Suite struct UpOptionsTests {
    private func parse(_ words: String...) throws -> UpOptions {
        UpOptions(try #require(try Verb.up.syntax.parse(words)))
    }

    @Test func theDefaultsAreTheCharts() throws {
        let options = try parse()
        #expect(options.mode == .headless && options.policy == .roundRobin && options.replicas == 5)
        #expect(options.port == 31234 && options.maxConnectionAge == .seconds(30))
        #expect(options.dnsInterval == .seconds(5) && options.dnsTTL == 5 && options.shutdownDelay == .seconds(5))
        // But for the cache: kind has none for its own names, and nobody at a laptop wants to wait for it.
        #expect(options.dnsCache == 0 && options.grpcShutdownDelay == .seconds(5))
    }

    @Test(arguments: [
        ("0s", "5s", 5), ("0s", "1s", 5), ("0s", "8s", 8), ("30s", "5s", 35), ("3s", "1s", 5), ("1m", "500ms", 60.5),
    ])
    func grpcPodsOutlastWhatDNSSaysOfThem(cache: String, interval: String, delay: Double) throws {
        let options = try parse("--dns-cache", cache, "--dns-interval", interval)
        #expect(options.grpcShutdownDelay == .seconds(delay) && options.shutdownDelay == .seconds(5))
        #expect(options.shutdownWarning == nil)
        let notByDNS = try parse("--dns-cache", cache, "--dns-interval", interval, "--mode", "clusterip")
        #expect(notByDNS.grpcShutdownDelay == .seconds(5))
    }

    @Test func aDelayThatIsChosenHoldsForAllAndIsWarnedOfIfItIsTooShort() throws {
        let short = try parse("--dns-cache", "30s", "--shutdown-delay", "34s")
        #expect(short.grpcShutdownDelay == .seconds(34) && short.shutdownDelay == .seconds(34))
        let warning = try #require(short.shutdownWarning)
        #expect(warning.contains("--shutdown-delay 34s") && warning.contains("35s"))
        #expect(try parse("--shutdown-delay", "4s").shutdownWarning != nil)
        #expect(try parse("--shutdown-delay", "5s").shutdownWarning == nil)
        #expect(try parse("--dns-cache", "30s", "--shutdown-delay", "35s").shutdownWarning == nil)
        #expect(try parse("--dns-cache", "30s", "--shutdown-delay", "1s", "--mode", "clusterip").shutdownWarning == nil)
    }

    @Test func noTimeIsTooLongToReckonWith() throws {
        let longest = "2562047h"
        let options = try parse("--dns-cache", "1h", "--dns-interval", longest)
        #expect(options.gracePeriod(afterDelay: options.grpcShutdownDelay) > options.dnsInterval)
        #expect(try parse("--dns-interval", longest, "--shutdown-delay", longest).shutdownWarning == nil)
    }

    @Test func thePolicyFollowsTheModeUnlessItIsChosen() throws {
        #expect(try parse("--mode", "clusterip").policy == .pickFirst)
        #expect(try parse("--mode", "clusterip", "--policy", "round_robin").policy == .roundRobin)
        #expect(try parse("--policy", "pick_first").policy == .pickFirst)
    }

    @Test func aServiceConfigHasThePolicyInIt() throws {
        var plain = try parse("--mode", "clusterip", "--service-config", #"{ "methodConfig": [] }"#)
        try plain.readServiceConfig()
        #expect(plain.serviceConfig == #"{"methodConfig":[]}"#)
        #expect(plain.policy == .pickFirst)
        let own = #"{"loadBalancingConfig":[{"round_robin":{}}]}"#
        var named = try parse("--mode", "clusterip", "--service-config", own)
        try named.readServiceConfig()
        #expect(named.policy == .roundRobin)
        // As `samplectl set` does.
        named.chosenPolicy = .pickFirst
        #expect(named.policy == .pickFirst)
    }

    @Test func aServiceConfigThatCannotBeUsedIsRefused() throws {
        for (words, reason) in [
            (["--service-config", "[]"], "--service-config: an array stands where an object is due"),
            (["--service-config", "@/nowhere/config.json"], "--service-config: open /nowhere/config.json: No such"),
            (
                ["--policy", "pick_first", "--service-config", #"{"loadBalancingConfig":[{"round_robin":{}}]}"#],
                "--policy and --service-config's loadBalancingConfig: one of them"
            ),
        ] {
            var options = UpOptions(try #require(try Verb.up.syntax.parse(words)))
            let error = #expect(throws: UsageError.self) { try options.readServiceConfig() }
            #expect(error?.description.hasPrefix(reason) == true)
        }
    }

    @Test func everyOptionIsPassedOnToTheSupervisor() throws {
        let options = try parse(
            "--mode", "clusterip", "--policy", "round_robin", "--replicas", "3", "--port", "31300",
            "--max-connection-age", "off", "--dns-interval", "250ms", "--dns-ttl", "1m", "--dns-cache", "1h",
            "--shutdown-delay", "0s", "--web", "site", "--log-level", "debug",
            "--listen", "192.0.2.1", "--log-format", "json", "--service-config", "{}", "--otlp-endpoint",
            "http://c:4317")
        #expect(options.listen == IPAddress("192.0.2.1") && options.logFormat == .json)
        #expect(options.maxConnectionAge == nil && options.dnsTTL == 60 && options.dnsCache == 3600)
        let words = options.arguments
        #expect(try Verb.supervise.syntax.parse(words).map { UpOptions($0) } == options)
        // Whoever adds an option must add it there, too.
        for option in UpOptions.settings { #expect(words.contains(option.flag)) }
    }

    @Test(arguments: [
        ("127.0.0.1", "http://127.0.0.1:31234", false), ("localhost", "http://127.0.0.1:31234", false),
        ("127.1.2.3", "http://127.1.2.3:31234", false), ("::1", "http://[::1]:31234", false),
        ("0.0.0.0", "http://127.0.0.1:31234", true), ("::", "http://[::1]:31234", true),
        ("192.0.2.1", "http://192.0.2.1:31234", true),
    ])
    func theEntryIsNamedAsItCanBeReachedAndWarnedOfIfOthersCan(address: String, url: String, isOpen: Bool) throws {
        let options = try parse("--listen", address)
        #expect(UpOptions.url(of: options.entry) == url)
        #expect((options.listenWarning != nil) == isOpen)
    }

    @Test(arguments: [
        ("mode", "mesh"), ("policy", "random"), ("replicas", "0"), ("replicas", "51"), ("replicas", "five"),
        ("port", "0"), ("port", "65536"), ("port", "-1"), ("max-connection-age", "0s"), ("max-connection-age", "30"),
        ("dns-interval", "off"), ("dns-ttl", "1500ms"), ("dns-ttl", "48h"), ("dns-cache", "500ms"),
        ("dns-cache", "3601s"), ("dns-cache", "off"),
        ("log-level", "warning"), ("log-format", "xml"), ("otlp-endpoint", "c:4317"), ("listen", "here"),
        ("listen", "127.0.0.1:80"),
        ("listen", "224.0.0.1"), ("listen", "255.255.255.255"), ("listen", "ff02::1"), ("listen", ""),
        ("shutdown-delay", "-1s"), ("web", ""),
    ])
    func aBadValueIsNamedWithWhatIsExpected(name: String, value: String) throws {
        let error = #expect(throws: UsageError.self) { try parse("--\(name)", value) }
        #expect(error?.description.hasPrefix("--\(name) '\(value)' is not possible; expected: ") == true)
    }
}
