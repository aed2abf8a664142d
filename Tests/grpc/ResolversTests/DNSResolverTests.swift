import Addresses
import Events
import LoadBalancing
import RPCCore
import Resolvers
import TestSupport
import Testing
import Timing

/// Against a real dnsmasq.
@Suite(.timeLimit(.minutes(5))) struct DNSResolverTests {
    private typealias Reports = Journal<Result<Resolution, RPCError>>

    private static func resolver(
        _ endpoint: String, server: Dnsmasq, on loop: EventLoop,
        configuration: ResolutionConfiguration = ResolutionConfiguration()
    ) throws -> any Resolver {
        let target = Target(scheme: "dns", authority: server.address.description, endpoint: endpoint)
        return try ResolverRegistry([.dns]).makeResolver(target, on: loop, configuration: configuration)
    }

    @Test func eachAddressBecomesAnEndpoint() async throws {
        try await withLoop { loop in
            let server = try await Dnsmasq(on: loop, hosts: "127.1.0.1 pods.test\n127.1.0.2 pods.test\n::7 pods.test\n")
            let resolver = try DNSResolverTests.resolver("pods.test:8080", server: server, on: loop)
            let reports = Reports()
            resolver.start { reports.accept($0) }
            let resolution = try await reports.next().get()
            #expect(
                Set(resolution.endpoints.map(\.description)) == ["127.1.0.1:8080", "127.1.0.2:8080", "[::7]:8080"])
            #expect(resolution.timeToLive == .seconds(5))
            #expect(Set(resolver.snapshot.endpoints) == Set(resolution.endpoints))
            #expect(resolver.snapshot.lookups == 1)
            #expect(resolver.snapshot.nextLookup == nil)
            resolver.shutdown()
            await server.stop()
        }
    }

    @Test func aRequestFindsWhatHasChanged() async throws {
        try await withLoop { loop in
            let server = try await Dnsmasq(on: loop, hosts: "127.1.0.1 pods.test\n")
            let resolver = try DNSResolverTests.resolver(
                "pods.test:80", server: server, on: loop,
                configuration: ResolutionConfiguration(minimumInterval: .milliseconds(50)))
            let reports = Reports()
            resolver.start { reports.accept($0) }
            let before = try await reports.next().get()
            try await server.replaceHosts("127.1.0.8 pods.test\n127.1.0.9 pods.test\n")
            resolver.resolveAgain(urgent: false)
            let after = try await reports.next().get()
            #expect(before.endpoints.map(\.description) == ["127.1.0.1:80"])
            #expect(Set(after.endpoints.map(\.description)) == ["127.1.0.8:80", "127.1.0.9:80"])
            resolver.shutdown()
            await server.stop()
        }
    }

    @Test func anEarlyRequestWaitsForTheInterval() async throws {
        try await withLoop { loop in
            let server = try await Dnsmasq(on: loop, hosts: "127.1.0.1 pods.test\n")
            let resolver = try DNSResolverTests.resolver(
                "pods.test:80", server: server, on: loop,
                configuration: ResolutionConfiguration(minimumInterval: .milliseconds(300)))
            let reports = Reports()
            resolver.start { reports.accept($0) }
            _ = try await reports.next().get()
            let ended = loop.now
            resolver.resolveAgain(urgent: false)
            resolver.resolveAgain(urgent: false)
            #expect(resolver.snapshot.nextLookup == ended + .milliseconds(300))
            _ = try await reports.next().get()
            #expect(loop.now >= ended + .milliseconds(300))
            #expect(resolver.snapshot.lookups == 2)
            resolver.shutdown()
            await server.stop()
        }
    }

    @Test func aFailureIsReportedAndTheLastAddressesStay() async throws {
        try await withLoop { loop in
            let server = try await Dnsmasq(on: loop, hosts: "127.1.0.1 pods.test\n")
            let resolver = try DNSResolverTests.resolver(
                "pods.test:80", server: server, on: loop,
                configuration: ResolutionConfiguration(minimumInterval: .milliseconds(50)))
            let reports = Reports()
            resolver.start { reports.accept($0) }
            _ = try await reports.next().get()
            try await server.replaceHosts("127.1.0.2 others.test\n")
            resolver.resolveAgain(urgent: false)
            let report = await reports.next()
            let error = #expect(throws: RPCError.self) { try report.get() }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("cannot resolve \"pods.test\"") == true)
            #expect(error?.message.contains("name not found (NXDOMAIN)") == true)
            let snapshot = resolver.snapshot
            #expect(snapshot.endpoints.map(\.description) == ["127.1.0.1:80"])
            #expect(snapshot.lastError == error?.message)
            // It tries again by itself.
            #expect(snapshot.nextLookup != nil)
            resolver.shutdown()
            await server.stop()
        }
    }

    /// As after a failure, though the look-up was none.
    @Test func anAnswerThatIsRefusedIsLookedForAgainWithBackOff() async throws {
        try await withLoop { loop in
            let server = try await Dnsmasq(on: loop, hosts: "127.1.0.1 pods.test\n")
            var configuration = ResolutionConfiguration()
            configuration.backoff.base = .milliseconds(20)
            configuration.backoff.multiplier = 3
            configuration.backoff.jitter = 0
            let resolver = try DNSResolverTests.resolver(
                "pods.test:80", server: server, on: loop, configuration: configuration)
            let reports = Reports()
            var answers = [Acceptance.refused, .refused, .accepted].makeIterator()
            resolver.start { report in
                reports.note(report)
                return answers.next() ?? .accepted
            }
            for wait in [Duration.milliseconds(20), .milliseconds(60)] {
                _ = try await reports.next().get()
                let snapshot = resolver.snapshot
                let next = try #require(snapshot.nextLookup)
                #expect(try next - #require(snapshot.lastLookup) >= wait)
                #expect(snapshot.lastError == nil)
                // Requests in between add nothing.
                resolver.resolveAgain(urgent: true)
                #expect(resolver.snapshot.nextLookup == next)
            }
            _ = try await reports.next().get()
            #expect(resolver.snapshot.nextLookup == nil)
            #expect(resolver.snapshot.lookups == 3)
            resolver.shutdown()
            await server.stop()
        }
    }

    @Test func anExpiredAnswerIsRefreshed() async throws {
        try await withLoop { loop in
            let server = try await Dnsmasq(on: loop, hosts: "127.1.0.1 pods.test\n", timeToLive: 1)
            let resolver = try DNSResolverTests.resolver(
                "pods.test:80", server: server, on: loop,
                configuration: ResolutionConfiguration(refreshesAtTimeToLive: true))
            let reports = Reports()
            resolver.start { reports.accept($0) }
            _ = try await reports.next().get()
            try await server.replaceHosts("127.1.0.2 pods.test\n")
            let refreshed = try await reports.next().get()
            #expect(refreshed.endpoints.map(\.description) == ["127.1.0.2:80"])
            resolver.shutdown()
            await server.stop()
        }
    }

    @Test func shuttingDownDuringALookUpLeavesNothing() async throws {
        try await withLoop { loop in
            let server = try await Dnsmasq(on: loop, hosts: "127.1.0.1 pods.test\n")
            let resolver = try DNSResolverTests.resolver("pods.test:80", server: server, on: loop)
            resolver.start { _ in
                Issue.record("reported after shutdown")
                return .accepted
            }
            resolver.shutdown()
            await server.stop()
        }
    }
}

extension Journal<Result<Resolution, RPCError>> {
    func accept(_ report: Result<Resolution, RPCError>) -> Acceptance {
        note(report)
        return .accepted
    }
}
