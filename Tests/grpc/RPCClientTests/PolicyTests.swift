import Addresses
import Events
import JSON
import LoadBalancing
import RPCClient
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing
import Timing

/// What each policy does about one server of several that is slow, or fails, or says that it is busy.
@Suite(.timeLimit(.minutes(5))) struct PolicyTests {
    /// Servers that differ. Loop thread only.
    private final class Servers {
        private(set) var servers: [RPCServer] = []
        var counts: [Int] = []
        var slow: [Int: Duration] = [:]
        var failing: Set<Int> = []
        var reports: [Int: LoadReport] = [:]

        init(_ count: Int, on loop: EventLoop) throws {
            for number in 0..<count {
                counts.append(0)
                var router = RPCRouter()
                router.unary(TestMethods.echo) {
                    (request: [UInt8], context, reply: inout [UInt8]) async throws(RPCError) in
                    self.counts[number] += 1
                    if let report = self.reports[number] {
                        try context.trailingMetadata.append(binary: report.bytes, for: LoadReport.key)
                    }
                    if let delay = self.slow[number] { try? await loop.sleep(for: delay) }
                    if self.failing.contains(number) { throw RPCError(.internal, "out of order") }
                    reply += request
                }
                servers.append(try RPCServer.onLoop(loop, router))
            }
        }

        var addresses: [SocketAddress] { servers.map(\.address) }

        /// How many each gets of these calls.
        func share(_ calls: Int, lanes: Int, _ channel: Channel) async -> [Int] {
            let before = counts
            _ = await channel.callMany(calls, lanes: lanes)
            return zip(counts, before).map { $0 - $1 }
        }

        func stop() async { for server in servers { await server.stop(grace: .seconds(10)) } }
    }

    /// A channel by a service config's text, with all servers READY.
    private func channel(_ text: String, to servers: Servers, on loop: EventLoop) async throws -> Channel {
        let configuration = try LoadBalancingConfiguration(list: JSONParser.parse(text), at: "loadBalancingConfig")
        let channel = Channel.to(servers.addresses, configuration.makePolicy(seed: 1), on: loop)
        await poll("all are ready", on: loop) {
            channel.snapshot.subchannels.count { $0.state == .ready } == servers.addresses.count
        }
        return channel
    }

    /// Tries again until it holds: each round brings calls, from which the policy learns.
    private func eventually(_ what: String, _ holds: () async -> Bool) async {
        for _ in 0..<500 { if await holds() { return } }
        Issue.record("in vain: \(what)")
    }

    @Test(arguments: ["least_request", "peak_ewma"])
    func aSlowServerGetsLess(policy: String) async throws {
        try await withLoop { loop in
            let servers = try Servers(5, on: loop)
            servers.slow = [0: .milliseconds(100)]
            let channel = try await channel("[{\"\(policy)\": {}}]", to: servers, on: loop)
            // Where this machine stands still for a while, all of them have been slow.
            await eventually("it gets less than half of what others get") {
                let share = await servers.share(500, lanes: 10, channel)
                return share[0] * 2 < (500 - share[0]) / 4
            }
            await servers.stop()
            await channel.end()
        }
    }

    @Test func aFailingServerIsEjectedAndComesBack() async throws {
        try await withLoop { loop in
            let servers = try Servers(5, on: loop)
            let text = """
                [{"outlier_detection": {
                    "interval": "0.05s", "baseEjectionTime": "0.3s", "childPolicy": [{"round_robin": {}}],
                    "failurePercentageEjection": {"threshold": 50, "minimumHosts": 5, "requestVolume": 3}}}]
                """
            let channel = try await channel(text, to: servers, on: loop)
            servers.failing = [2]
            await eventually("it is left alone") { await servers.share(50, lanes: 5, channel)[2] == 0 }
            // Its connection stays.
            #expect(channel.snapshot.subchannels.allSatisfy { $0.state == .ready })
            servers.failing = []
            await eventually("it is back") { await servers.share(50, lanes: 5, channel) == [10, 10, 10, 10, 10] }
            await servers.stop()
            await channel.end()
        }
    }

    @Test func callsFollowWhatServersReport() async throws {
        try await withLoop { loop in
            let servers = try Servers(2, on: loop)
            for (number, utilization) in [0.2, 0.6].enumerated() {
                servers.reports[number] = LoadReport()
                servers.reports[number]?.cpuUtilization = utilization
                servers.reports[number]?.callsPerSecond = 100
            }
            let text = #"[{"weighted_round_robin": {"blackoutPeriod": "0s", "weightUpdatePeriod": "0.1s"}}]"#
            let channel = try await channel(text, to: servers, on: loop)
            await eventually("three of four go to the idle one") {
                abs(await servers.share(400, lanes: 4, channel)[0] - 300) <= 2
            }
            // Who says that he is busy now gets less from now on.
            servers.reports[0]?.cpuUtilization = 1.8
            await eventually("it is the other way round") {
                abs(await servers.share(400, lanes: 4, channel)[1] - 300) <= 2
            }
            await servers.stop()
            await channel.end()
        }
    }

    /// gRFC A61: two addresses, of which one is dead, are one server, and get one share.
    @Test(arguments: ["least_request", "weighted_round_robin", "outlier_detection"])
    func aServerWithTwoAddressesIsOne(policy: String) async throws {
        try await withLoop { loop in
            let servers = try Servers(2, on: loop)
            let name = try #require(LoadBalancingPolicyName(rawValue: policy))
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, name, on: loop)
            channel.connect()
            resolver.find(
                Resolution(endpoints: [
                    Endpoint(freeLoopbackAddress(), alternatives: [servers.addresses[0]]),
                    Endpoint(servers.addresses[1]),
                ]))
            await poll("both are ready", on: loop) {
                channel.snapshot.subchannels.count { $0.state == .ready } == 2
            }
            let share = await servers.share(400, lanes: 1, channel)
            // Random by two choices: 200 ± 10.
            #expect(abs(share[0] - 200) < 70, "\(share)")
            #expect(share.reduce(0, +) == 400)
            await servers.stop()
            await channel.end()
        }
    }
}
