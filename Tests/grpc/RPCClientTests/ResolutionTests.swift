import Addresses
import Events
import LoadBalancing
import RPCClient
import RPCCore
import RPCTestSupport
import TestSupport
import Testing

/// What a channel makes of what its resolver reports, and what it answers.
@Suite(.timeLimit(.minutes(5))) struct ResolutionTests {
    @Test func anEmptySetIsRefusedAndAnyOtherTaken() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            for policy in LoadBalancingPolicyName.allCases {
                let resolver = FakeResolver()
                let channel = Channel.to(resolver, policy, on: loop)
                channel.connect()
                #expect(resolver.find([]) == .refused)
                #expect(await channel.call().error?.message.contains("resolves to no address") == true)
                #expect(resolver.find(fleet.addresses) == .accepted)
                #expect(await channel.call().error == nil)
                #expect(resolver.find([]) == .refused)
                #expect(await channel.call().error?.message.contains("resolves to no address") == true)
                await channel.end(leaving: fleet)
            }
            await fleet.stop()
        }
    }

    @Test func aServerIsReachedAtAnyOfItsAddresses() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(2, on: loop)
            for policy in LoadBalancingPolicyName.allCases {
                fleet.resetCounts()
                let resolver = FakeResolver()
                let channel = Channel.to(resolver, policy, on: loop)
                channel.connect()
                let dead = freeLoopbackAddress()
                // The first server at its second address, the second at its only one.
                resolver.find(
                    Resolution(endpoints: [
                        Endpoint(dead, alternatives: [fleet.addresses[0]]), Endpoint(fleet.addresses[1]),
                    ]))
                let connections = policy == .pickFirst ? 1 : 2
                await poll("it is connected", on: loop) {
                    channel.snapshot.subchannels.count { $0.state == .ready } == connections
                }
                #expect(await channel.callMany(100, lanes: 4) == [])
                switch policy {
                case .pickFirst: #expect(fleet.counts == [100, 0])
                case .roundRobin, .weightedRoundRobin, .outlierDetection: #expect(fleet.counts == [50, 50])
                // By chance, and by how long each takes.
                case .leastRequest, .peakEWMA: #expect(fleet.counts.reduce(0, +) == 100)
                }
                await channel.end(leaving: fleet)
            }
            await fleet.stop()
        }
    }

    // MARK: Service configs

    private static let bad = RPCError(.unavailable, "the service config cannot be used: it is a list")

    /// gRFC A21: as if the look-up had failed, since there is nothing to go on with.
    @Test func aServiceConfigThatCannotBeUsedFailsTheFirstResolution() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop)
            channel.connect()
            let endpoints = fleet.addresses.map { Endpoint($0) }
            let update = Resolution(endpoints: endpoints, serviceConfig: .failure(ResolutionTests.bad))
            #expect(resolver.find(update) == .refused)
            #expect(await channel.call().error?.message == "dns:///test:80: \(ResolutionTests.bad.message)")
            #expect(resolver.find(fleet.addresses) == .accepted)
            #expect(await channel.call().error == nil)
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func laterItLeavesTheLastOneInForceForTheNewAddresses() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(2, on: loop)
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop)
            channel.connect()
            let endpoints = fleet.addresses.map { Endpoint($0) }
            let pickFirst = ServiceConfig(policy: LoadBalancingConfiguration(.pickFirst))
            let good = Resolution(endpoints: [endpoints[0]], serviceConfig: .success(pickFirst))
            #expect(resolver.find(good) == .accepted)
            #expect(await channel.call().error == nil)
            let update = Resolution(endpoints: [endpoints[1]], serviceConfig: .failure(ResolutionTests.bad))
            #expect(resolver.find(update) == .refused)
            #expect(await channel.call().error == nil)
            #expect(fleet.counts == [1, 1])
            #expect(channel.snapshot.policy == "pick_first")
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func aServiceConfigMayNameThePolicy() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(2, on: loop)
            let resolver = FakeResolver()
            let record = LeastLoaded.Record()
            let channel = Channel.to(resolver, LeastLoaded(record), on: loop)
            channel.connect()
            var update = Resolution(endpoints: fleet.addresses.map { Endpoint($0) })
            resolver.find(update)
            let running = channel.start(TestMethods.wait)
            await fleet.gate.arrival()
            update.serviceConfig = .success(ServiceConfig())
            #expect(resolver.find(update) == .accepted)
            #expect(channel.snapshot.policy == "least_loaded")
            update.serviceConfig = .success(ServiceConfig(policy: LoadBalancingConfiguration(.pickFirst)))
            #expect(resolver.find(update) == .accepted)
            // The old one serves until the new one is READY.
            #expect(channel.snapshot.policy == "least_loaded" && channel.state() == .ready)
            #expect(await channel.call().error == nil)
            await poll("the new one serves", on: loop) { channel.snapshot.policy == "pick_first" }
            let ends = record.outcomes
            fleet.resetCounts()
            #expect(await channel.callMany(20, lanes: 2) == [])
            #expect(fleet.counts == [20, 0])
            #expect(channel.snapshot.subchannels.count == 1)
            // Calls of the policy that has gone end as they would have, and nobody is told.
            fleet.gate.open()
            #expect(await running.value.error == nil)
            #expect(record.outcomes == ends && ends.contains([]))
            await fleet.stop()
            await channel.end()
        }
    }
}

extension Channel {
    /// Shuts down, and waits until its connections are gone while the servers stay.
    fileprivate func end(leaving fleet: Fleet) async {
        shutdown()
        let loop = loop
        await poll("only the servers are left", on: loop) { loop.registrationCount == fleet.addresses.count }
    }
}
