import Lab
import LocalCluster
import Testing
import Timing

/// What DNS server and registry are asked, by whom.
@Suite struct QueryTheoryTests {
    private func theory(_ mode: Mode) -> ModeTheory {
        ModeTheory(TrialSetup(mode: mode, connectionAge: .seconds(10), dnsInterval: .seconds(2), dnsTTL: 5))
    }

    private let time = Duration.milliseconds(10_500)

    /// nginx asks for a name each 3 s (`valid=2s`, the whole second): 2 to 4 times in 10.5 s, if 2 s may be lost. Others
    /// are as many as they say: the gateway's look-ups are A and AAAA, and 2 more where a stall of a second had it ask again.
    @Test func everyQuestionHasItsAsker() {
        func bounds(_ mode: Mode, gateway: ClosedRange<Int>, pods: Int = 0, proxy: Int? = nil) -> ClosedRange<Double> {
            let askers = ModeTheory.Askers(gateway: gateway, pods: pods...pods, proxy: proxy.map { $0...$0 })
            return theory(mode).dnsQueries(in: time, askers).bounds
        }
        #expect(bounds(.etcd, gateway: 0...0) == 2...4)
        #expect(bounds(.clusterIP, gateway: 1...1) == 4...8)
        #expect(bounds(.headless, gateway: 2...2) == 6...10)
        #expect(bounds(.headless, gateway: 1...2) == 4...10)
        #expect(bounds(.envoy, gateway: 0...0, proxy: 10) == 12...14)
        #expect(bounds(.envoySidecar, gateway: 0...0, proxy: 10) == 12...14)
        // The lab's own reading of /go/channel has the gateway look up all pods: seen as 16 where 13 to 15 were predicted.
        #expect(bounds(.envoy, gateway: 0...0, pods: 1, proxy: 11) == 15...19)
        #expect(bounds(.kubernetes, gateway: 0...0, pods: 1) == 2...4)
        // Two names. Were one of them not asked for, or every name twice as often, it would be seen: 12 were.
        #expect(bounds(.nginx, gateway: 2...2) == 8...14)
        // What a registry is asked is none of DNS's.
        #expect(bounds(.consul, gateway: 2...2) == 2...4)
    }

    @Test func theDerivationStandsBesideIt() {
        let nginx = theory(.nginx).dnsQueries(in: time, ModeTheory.Askers(gateway: 2...2, pods: 1...1)).because
        #expect(
            nginx
                == "nginx asks for two names (the gateway's, the pods'), A alone, every 3 s, since valid=2s lasts to the end"
                + " of a whole second: 2 × 2 to 4; the gateway looked its target up 2 times, A and AAAA: 4; and all pods once,"
                + " for the lab, which reads /go/channel, A and AAAA: 2; 2 more if the machine stalls for a second at one of"
                + " these: they are asked again")
        let envoy = theory(.envoy).dnsQueries(in: time, ModeTheory.Askers(gateway: 0...0, proxy: 9...10)).because
        #expect(
            envoy
                == "nginx asks for one name (the gateway's), A alone, every 3 s, since valid=2s lasts to the end of a whole"
                + " second: 2 to 4; Envoy looked the pods up 9 to 10 times, A alone: 9 to 10; the gateway looked its target up"
                + " never, A and AAAA: 0; and all pods never, for the lab, which reads /go/channel, A and AAAA: 0")
    }

    @Test func aProxyThatCountsIsHeldToItsInterval() {
        #expect(theory(.envoy).proxyLookups(in: time)?.bounds == 7...11)
        #expect(theory(.envoy).proxyLookups(in: time)?.expected == 10)
        #expect(theory(.nginx).proxyLookups(in: time) == nil && theory(.headless).proxyLookups(in: time) == nil)
    }

    @Test func aRegistryIsReadOnceAndThenTells() {
        let before = RegistryRequests(reads: 1, watches: 1, entries: 5, renewals: 2)
        let after = RegistryRequests(reads: 1, watches: 1, entries: 5, renewals: 17)
        let figures = theory(.etcd).registry(before, after, in: time, since: .seconds(13))
        #expect(
            figures.map(\.figure.name) == [
                "registry: reads of all pods", "registry: watches opened", "registry: entries made",
                "registry: renewals in 10.5 s",
            ])
        #expect(figures.map(\.figure.count) == [1, 1, 5, 15])
        // Each of five pods at 3.3 s: two to four times.
        #expect(figures.map(\.prediction.bounds) == [1...1, 1...1, 5...5, 10...20])
        // Consul loses count of those that come first and together.
        let polled = RegistryRequests(reads: 1, entries: 4, renewals: 2)
        let consul = theory(.consul).registry(polled, polled, in: time, since: .seconds(13))
        #expect(consul.map(\.prediction.bounds) == [1...2, 1...5, 10...20])
    }

    @Test func aRegistryWithoutEntriesOrWatchesHasNoFiguresOfThem() {
        let listed = RegistryRequests(reads: 1, watches: 1)
        let kubernetes = theory(.kubernetes).registry(listed, listed, in: time, since: .seconds(13))
        #expect(kubernetes.map(\.figure.name) == ["registry: reads of all pods", "registry: watches opened"])
        let polled = RegistryRequests(reads: 1)
        let consul = theory(.consul).registry(polled, polled, in: time, since: .seconds(13))
        #expect(consul.map(\.figure.name) == ["registry: queries for all pods answered"])
        #expect(consul.first?.prediction.bounds == 1...2)
    }

    /// In mode nginx, entry and proxy are one process.
    @Test func aPartsCostSaysWhichPartItIs() {
        #expect(theory(.headless).cost(of: "nginx").name == "nginx (entry)")
        let both = theory(.nginx).cost(of: "nginx")
        #expect(both.name == "nginx (entry and proxy)" && both.because.contains("One process is both"))
        #expect(theory(.nginx).cost(of: "grpc").name == "grpc")
    }
}
