import Addresses
import Events
import HTTP2
import LoadBalancing
import RPCClient
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing
import Timing

@Suite(.timeLimit(.minutes(5))) struct ChannelTests {
    @Test func noServerIsUnavailableAndSaysWhichAndWhy() async throws {
        try await withLoop { loop in
            let address = freeLoopbackAddress()
            for policy in LoadBalancingPolicyName.allCases {
                let channel = Channel.to([address], policy, on: loop)
                let error = await channel.call().error
                #expect(error?.code == .unavailable)
                #expect(error?.message.contains("dns:///test:80") == true)
                #expect(error?.message.contains("\(address)") == true)
                #expect(error?.message.contains("refused") == true)
                #expect(channel.snapshot.state == .transientFailure)
                await channel.end()
            }
        }
    }

    @Test func aNameThatCannotBeResolved() async throws {
        try await withLoop { loop in
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop)
            let call = channel.start()
            #expect(resolver.isStarted)
            resolver.fail("no such name")
            #expect(await call.value.error == RPCError(.unavailable, "dns:///test:80: no such name"))
            resolver.find([])
            let error = await channel.call().error
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("resolves to no address") == true)
            await channel.end()
        }
    }

    @Test func aCallWakesTheChannel() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop)
            #expect(channel.snapshot.state == .idle)
            #expect(!resolver.isStarted)
            let call = channel.start()
            #expect(resolver.isStarted)
            #expect(channel.snapshot.state == .connecting)
            #expect(channel.snapshot.queued == 1)
            resolver.find(fleet.addresses)
            #expect(await call.value.reply == [1, 2, 3])
            #expect(channel.snapshot.state == .ready)
            #expect(channel.snapshot.queued == 0)
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func waitForReadyWaits() async throws {
        try await withLoop { loop in
            let address = freeLoopbackAddress()
            let channel = Channel.to([address], on: loop)
            let patient = channel.start(TestMethods.echo, [7], CallOptions(waitForReady: true))
            // It is failing by then, and this call says so.
            #expect(await channel.call().error?.code == .unavailable)
            #expect(channel.snapshot.queued == 1)
            let fleet = try Fleet(0, on: loop)
            try fleet.add(at: address)
            #expect(await patient.value.reply == [7])
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func aDeadlineInTheQueueSaysWhatTheCallWaitedFor() async throws {
        try await withLoop { loop in
            let address = freeLoopbackAddress()
            let channel = Channel.to([address], on: loop)
            _ = await channel.call()
            let error = await channel.call(
                TestMethods.echo, [], CallOptions(timeout: .milliseconds(20), waitForReady: true)
            ).error
            #expect(error?.code == .deadlineExceeded)
            #expect(error?.message.hasPrefix("no answer within 20ms while waiting for a connection: ") == true)
            #expect(error?.message.contains("\(address)") == true)
            #expect(error?.message.contains("refused") == true)
            #expect(channel.snapshot.queued == 0)
            await channel.end()
        }
    }

    @Test func aDeadlineDuringTheCall() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let channel = Channel.to(fleet.addresses, on: loop)
            let error = await channel.call(TestMethods.wait, [], CallOptions(timeout: .milliseconds(20))).error
            #expect(error?.code == .deadlineExceeded)
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0])
            fleet.gate.open()
            // The connection is as good as before.
            #expect(await channel.call().reply == [1, 2, 3])
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func cancellingACallInTheQueue() async throws {
        try await withLoop { loop in
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop)
            let call = channel.start(TestMethods.echo, [], CallOptions(timeout: .seconds(60)))
            call.cancel()
            #expect(await call.value.error?.code == .cancelled)
            #expect(loop.timerCount == 0)
            await channel.end()
        }
    }

    @Test func aTaskThatIsCancelledAlready() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let channel = Channel.to(fleet.addresses, on: loop)
            _ = await channel.call()
            let timers = loop.timerCount
            let bound = LoopBound(channel, on: loop)
            let call = Task(executorPreference: loop) {
                // Only ends when it is cancelled.
                try? await loop.sleep(for: .seconds(3600))
                return await bound.value.call(TestMethods.echo, [], CallOptions(timeout: .seconds(3600)))
            }
            call.cancel()
            #expect(await call.value.error?.code == .cancelled)
            #expect(fleet.counts == [1])
            // The deadline's timer has not been left behind.
            #expect(loop.timerCount == timers)
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func aServerThatRestartsIsFoundAgain() async throws {
        try await withLoop { loop in
            for policy in LoadBalancingPolicyName.allCases {
                let first = try Fleet(0, on: loop)
                // One that nobody else is given while it is down.
                let address = freeLoopbackAddress()
                try first.add(at: address)
                let resolver = FakeResolver()
                let channel = Channel.to(resolver, policy, on: loop)
                channel.connect()
                resolver.find([address])
                #expect(await channel.call().error == nil)
                await first.stop()
                await poll("the connection is lost", on: loop) { channel.snapshot.state != .ready }
                #expect(resolver.requests.first == true)
                #expect(await channel.call().error?.code == .unavailable)
                let second = try Fleet(0, on: loop)
                try second.add(at: address)
                let patient = CallOptions(timeout: .seconds(10), waitForReady: true)
                #expect(await channel.call(TestMethods.echo, [5], patient).reply == [5])
                #expect(second.counts == [1])
                await second.stop()
                await channel.end()
            }
        }
    }

    @Test func pickFirstStaysWithOne() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(3, on: loop)
            let channel = Channel.to(fleet.addresses, .pickFirst, on: loop)
            #expect(await channel.callMany(300, lanes: 10) == [])
            #expect(fleet.counts == [300, 0, 0])
            #expect(channel.snapshot.subchannels.count == 1)
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func pickFirstTakesTheFirstThatAnswers() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(2, on: loop)
            let channel = Channel.to([freeLoopbackAddress()] + fleet.addresses, .pickFirst, on: loop)
            #expect(await channel.callMany(30, lanes: 1) == [])
            #expect(fleet.counts == [30, 0])
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func roundRobinSpreadsEvenly() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(3, on: loop)
            let channel = Channel.to(fleet.addresses, .roundRobin, on: loop)
            await poll("all are ready", on: loop) { channel.snapshot.subchannels.allSatisfy { $0.state == .ready } }
            #expect(await channel.callMany(3000, lanes: 10) == [])
            #expect(fleet.counts == [1000, 1000, 1000])
            #expect(channel.snapshot.subchannels.map(\.picks) == [1000, 1000, 1000])
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0, 0, 0])
            #expect(channel.snapshot.subchannels.map(\.address) == fleet.addresses)
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func roundRobinGoesAroundADeadServer() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(2, on: loop)
            let dead = freeLoopbackAddress()
            let channel = Channel.to([dead] + fleet.addresses, .roundRobin, on: loop)
            await poll("two are ready", on: loop) { channel.snapshot.subchannels.count { $0.state == .ready } == 2 }
            #expect(await channel.callMany(100, lanes: 4) == [])
            #expect(fleet.counts == [50, 50])
            #expect(channel.snapshot.subchannels.first?.lastError?.reason.contains("\(dead)") == true)
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func aNewSetIsUsedAndTheOldOnesCallsFinish() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(3, on: loop)
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, .roundRobin, on: loop)
            channel.connect()
            resolver.find(Array(fleet.addresses[0..<2]))
            await poll("both are ready", on: loop) { channel.snapshot.subchannels.count { $0.state == .ready } == 2 }
            // More than the connections take at once: some wait in the session.
            let running = (0..<250).map { channel.start(TestMethods.wait, [UInt8($0)]) }
            await fleet.gate.arrival(200)
            resolver.find([fleet.addresses[1], fleet.addresses[2]])
            #expect(channel.snapshot.subchannels.map(\.address) == [fleet.addresses[1], fleet.addresses[2]])
            #expect(channel.snapshot.subchannels.first?.inFlight == 125)
            await poll("the new one is ready", on: loop) { channel.snapshot.subchannels.last?.state == .ready }
            let before = fleet.counts[0]
            fleet.gate.open()
            for (number, call) in running.enumerated() { #expect(await call.value.reply == [UInt8(number)]) }
            #expect(fleet.counts[0] == 125)
            #expect(before == 100)
            fleet.resetCounts()
            #expect(await channel.callMany(100, lanes: 4) == [])
            #expect(fleet.counts == [0, 50, 50])
            #expect(resolver.requests == [])
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func anEmptySetEndsAllAndANewOneBeginsAgain() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            for policy in LoadBalancingPolicyName.allCases {
                let resolver = FakeResolver()
                let channel = Channel.to(resolver, policy, on: loop)
                channel.connect()
                resolver.find(fleet.addresses)
                #expect(await channel.call().error == nil)
                resolver.find([])
                #expect(channel.snapshot.subchannels.isEmpty)
                #expect(await channel.call().error?.code == .unavailable)
                resolver.find(fleet.addresses)
                #expect(await channel.call().error == nil)
                // A failure keeps the last good set.
                resolver.fail("try later")
                #expect(await channel.call().error == nil)
                channel.shutdown()
            }
            await fleet.stop()
            await poll("the loop is empty", on: loop) { loop.registrationCount == 0 }
        }
    }

    @Test func shutdownFailsWhatWaitsAndLetsTheRestFinish() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let ready = Channel.to(fleet.addresses, on: loop)
            let running = ready.start(TestMethods.wait, [4])
            await fleet.gate.arrival()
            ready.shutdown()
            #expect(
                await ready.call().error == RPCError(.unavailable, "dns:///test:80: the channel has been shut down"))
            fleet.gate.open()
            #expect(await running.value.reply == [4])

            let resolver = FakeResolver()
            let waiting = Channel.to(resolver, on: loop)
            let impatient = waiting.start()
            let patient = waiting.start(TestMethods.echo, [], CallOptions(timeout: .seconds(60), waitForReady: true))
            waiting.shutdown()
            #expect(resolver.isShutDown)
            #expect(await impatient.value.error?.code == .unavailable)
            #expect(await patient.value.error?.code == .unavailable)
            let late = await waiting.call(TestMethods.echo, [], CallOptions(waitForReady: true))
            #expect(late.error?.code == .unavailable)
            #expect(waiting.snapshot.state == .shutdown)
            #expect(waiting.snapshot.queued == 0)
            waiting.shutdown()
            await fleet.stop()
            await ready.end()
        }
    }

    @Test func nothingIsLeftBehind() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(2, on: loop)
            let before = (loop.registrationCount, loop.timerCount)
            weak var gone: Channel?
            do {
                let dead = freeLoopbackAddress()
                let channel = Channel.to(fleet.addresses + [dead], on: loop)
                gone = channel
                _ = await channel.callMany(100, lanes: 10, options: CallOptions(timeout: .seconds(60)))
                channel.shutdown()
            }
            await poll("the connections are closed", on: loop) { loop.registrationCount == before.0 }
            await poll("the timers are gone", on: loop) { loop.timerCount <= before.1 + 1 }
            #expect(gone == nil)
            await fleet.stop()
        }
    }

    @Test func aSnapshotTellsOfGoAwaysAndErrors() async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { peer in
                peer.record.requestEnded = { [unowned peer] in peer.answer($0) }
            }
            let channel = Channel.to([server.address], on: loop)
            #expect(await channel.call().error == nil)
            server.peers[0].session.goAway(.enhanceYourCalm, debugData: "go away")
            server.peers[0].flush()
            await server.watch.until("a new connection") { server.peers.count == 2 }
            await poll("ready again", on: loop) { channel.snapshot.state == .ready }
            let snapshot = channel.snapshot
            #expect(snapshot.target == "dns:///test:80")
            #expect(snapshot.policy == "round_robin")
            #expect(snapshot.resolver.endpoints == [Endpoint(server.address)])
            let goAways = snapshot.subchannels.map(\.lastGoAway?.reason)
            #expect(goAways == ["go away: the client is too busy for the server"])
            #expect(await channel.call().error == nil)
            server.stop()
            await channel.end()
        }
    }

    @Test func manyCallsWaitForTheFirstConnection() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(2, on: loop)
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, .roundRobin, on: loop)
            let calls = (0..<10_000).map { _ in channel.start() }
            #expect(channel.snapshot.queued == 10_000)
            resolver.find(fleet.addresses)
            var failures = 0
            for call in calls where await call.value.error != nil { failures += 1 }
            #expect(failures == 0)
            await fleet.stop()
            await channel.end()
        }
    }
}
