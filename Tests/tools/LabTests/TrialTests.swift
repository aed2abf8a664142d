import Addresses
import Events
import HTTP
import HTTPTransport
import Instruments
import Lab
import LocalCluster
import Synchronization
import TestSupport
import Testing
import Timing

/// Trials on a system that is made up: five pods, of which `a` answers all calls. Loop thread only.
@Suite(.timeLimit(.minutes(5))) struct TrialTests {
    private final class OnePod: TrialSystem {
        let setup: TrialSetup
        let entry: EntryClient
        private(set) var delays: [Duration?] = []
        private(set) var counts = 0
        /// Of the registry.
        var requests: RegistryRequests?
        var obstacles: [TrialDeed: String] = [:]

        init(_ mode: Mode, _ entry: EntryClient) {
            setup = TrialSetup(mode: mode, connectionAge: .seconds(10), dnsInterval: .seconds(2), dnsTTL: 5)
            self.entry = entry
        }

        func obstacle(to deed: TrialDeed) -> String? { obstacles[deed] }

        func pods() async throws -> [TrialPod] {
            ["a", "b", "c", "d", "e"].map {
                TrialPod(
                    name: $0, address: "127.0.0.1:1", readySince: Instant(nanoseconds: 1), isEnding: false)
            }
        }

        func scale(to count: Int) async throws {}
        func restart() async throws {}
        func isRestarted() async throws -> Bool { true }
        func kill(_ pod: TrialPod) async throws {}
        func delay(_ pod: TrialPod, by delay: Duration?) async throws { delays.append(delay) }
        func callsUnderWay(on pod: TrialPod) async throws -> Int { 0 }
        func podConnections() async throws -> Int { 1 }
        func queries() async throws -> Int {
            counts += 1
            return counts * 100
        }
        func proxyLookups() async throws -> Int? { nil }
        func registryRequests() async throws -> RegistryRequests? { requests }
        func cpuTimes() async throws -> [String: Duration] { [:] }
    }

    /// An entry that answers, and each time says of the channel what `channel` returns.
    private static func answering(
        on loop: EventLoop, channel: @escaping @Sendable () -> String, _ body: (EntryClient) async throws -> Void
    ) async throws {
        let server = try HTTPServer(on: .ip(.v4(0x7F00_0001), port: 0), loop: loop) { _ in
            var router = HTTPRouter()
            router.on(.get, "/go/sample") { _ in .text(.ok, #"{"response":{"hostname":"a"}}"#) }
            router.on(.get, "/go/channel") { _ in .text(.ok, channel()) }
            return router
        }
        let entry = EntryClient(server.address, on: loop)
        try await body(entry)
        entry.close()
        await server.stop(grace: .seconds(5))
    }

    private static let quiet: @Sendable () -> String = { #"{"resolver":{"lookups":1},"events":[]}"# }

    private static func trial(_ name: String) throws -> any Trial { try #require(Trials.all.first { $0.name == name }) }

    @Test func onePodThatServesAllIsAsClusterIPPromisesAndAMissOfHeadless() async throws {
        try await withLoop { loop in
            try await TrialTests.answering(on: loop, channel: TrialTests.quiet) { entry in
                for (mode, held) in [(Mode.clusterIP, true), (.headless, false)] {
                    let bench = TrialBench(OnePod(mode, entry), on: loop)
                    try await TrialTests.trial("spread").run(on: bench)
                    _ = try await bench.load.stop()
                    let busiest = try #require(bench.report.figures.first { $0.name == "busiest pod's share" })
                    #expect(busiest.value == 100 && busiest.holds == held)
                    #expect(bench.report.figures.contains { $0.name == "failed calls" && $0.value == 0 })
                }
            }
        }
    }

    @Test func aTrialThatIsCutShortLeavesNoPodSlow() async throws {
        try await withLoop { loop in
            try await TrialTests.answering(on: loop, channel: TrialTests.quiet) { entry in
                let system = OnePod(.headless, entry)
                let bench = TrialBench(system, on: loop)
                let bound = LoopBound(bench, on: loop)
                let trial = try TrialTests.trial("slow-pod")
                let work = Task(executorPreference: loop) { try await trial.run(on: bound.value) }
                while system.delays.isEmpty { try await loop.sleep(for: .milliseconds(5)) }
                work.cancel()
                await #expect(throws: CancellationError.self) { try await work.value }
                #expect(system.delays == [.milliseconds(200), nil])
                _ = try await bench.load.stop()
            }
        }
    }

    /// A question whose look-up is counted, and that is not yet itself, would be one too few: then all is read again.
    @Test func whatIsAskedIsCountedInAMomentInWhichNobodyAsks() async throws {
        try await withLoop { loop in
            let reads = Counter()
            // The gateway looks up between the first two readings of it, and never again.
            let channel: @Sendable () -> String = {
                #"{"resolver":{"lookups":\#(reads.next() == 0 ? 1 : 2)},"podSource":{"lookups":4},"events":[]}"#
            }
            try await TrialTests.answering(on: loop, channel: channel) { entry in
                let system = OnePod(.headless, entry)
                let bench = TrialBench(system, on: loop)
                try await TrialTests.count(bench)
                #expect(system.counts == 3, "twice at the start, once at the end")
                let queries = try #require(bench.report.figures.first { $0.name.hasPrefix("DNS queries of all in ") })
                #expect(queries.value == 100 && !queries.holds)
                #expect(queries.prediction.because.contains("the gateway looked its target up never, A and AAAA: 0"))
                #expect(
                    !bench.report.figures.contains { $0.name.hasPrefix("registry: ") } && bench.report.leftOut == [])
            }
        }
    }

    @Test func aRegistrysFiguresAreThereOrItIsSaidWhyNot() async throws {
        try await withLoop { loop in
            try await TrialTests.answering(on: loop, channel: TrialTests.quiet) { entry in
                let told = OnePod(.kubernetes, entry)
                told.requests = RegistryRequests(reads: 1, watches: 2)
                let silent = OnePod(.consul, entry)
                let cluster = OnePod(.etcd, entry)
                cluster.obstacles = [.countQueries: "x", .countRegistryRequests: "y"]
                var reports: [ModeReport] = []
                for system in [told, silent, cluster] {
                    let bench = TrialBench(system, on: loop)
                    try await TrialTests.count(bench)
                    reports.append(bench.report)
                }
                let watches = try #require(reports[0].figures.first { $0.name == "registry: watches opened" })
                #expect(watches.value == 2 && !watches.holds)
                #expect(
                    reports[1].leftOut == [LeftOut("queries", because: "the registry does not tell what it was asked")])
                #expect(reports[2].leftOut.map(\.reason) == ["x", "y"])
            }
        }
    }

    private static func count(_ bench: TrialBench) async throws {
        let counter = try await QueryCounter(bench)
        try await counter.stop()
        counter.note()
        _ = try await bench.load.stop()
    }

    private final class Counter: Sendable {
        private let count = Atomic(0)

        func next() -> Int { count.add(1, ordering: .relaxed).oldValue }
    }
}
