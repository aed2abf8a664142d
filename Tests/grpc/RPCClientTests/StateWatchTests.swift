import Events
import LoadBalancing
import RPCClient
import RPCCore
import RPCTestSupport
import TestSupport
import Testing
import Timing

/// gRPC's connectivity API.
@Suite(.timeLimit(.minutes(5))) struct StateWatchTests {
    /// A task on the loop that waits for another state.
    private func wait(
        _ channel: Channel, from known: ConnectivityState, _ loop: EventLoop
    ) -> Task<ConnectivityState, Never> {
        let bound = LoopBound(channel, on: loop)
        return Task.immediateDetached(executorPreference: loop) { await bound.value.waitForStateChange(from: known) }
    }

    @Test func everyWaiterHearsOfTheNextState() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop)
            #expect(channel.state() == .idle && !resolver.isStarted)
            let waiters = (0..<3).map { _ in wait(channel, from: .idle, loop) }
            #expect(channel.state(tryToConnect: true) == .connecting && resolver.isStarted)
            for waiter in waiters { #expect(await waiter.value == .connecting) }
            let ready = wait(channel, from: .connecting, loop)
            resolver.find(fleet.addresses)
            #expect(await ready.value == .ready)
            // Another one already.
            #expect(await channel.waitForStateChange(from: .connecting) == .ready)
            let end = wait(channel, from: .ready, loop)
            await fleet.stop()
            await channel.end()
            #expect(await end.value != .ready)
            // After which there is no other.
            #expect(channel.state(tryToConnect: true) == .shutdown)
            #expect(await channel.waitForStateChange(from: .shutdown) == .shutdown)
        }
    }

    /// What came about is what is told, though it is over when the task goes on.
    @Test func aStateThatPassesIsStillTold() async throws {
        try await withLoop { loop in
            let resolver = FakeResolver()
            let channel = Channel.to(resolver, on: loop)
            channel.connect()
            let waiter = wait(channel, from: .connecting, loop)
            resolver.fail("no such name")
            resolver.find([.loopback])
            #expect(channel.state() == .connecting)
            #expect(await waiter.value == .transientFailure)
            await channel.end()
        }
    }

    @Test func whoGivesUpHearsOfNoChange() async throws {
        try await withLoop { loop in
            let channel = Channel.to(FakeResolver(), on: loop)
            let waiter = wait(channel, from: .idle, loop)
            waiter.cancel()
            #expect(await waiter.value == .idle)
            let bound = LoopBound(channel, on: loop)
            let late = Task(executorPreference: loop) {
                try? await loop.sleep(for: .seconds(3600))
                return await bound.value.waitForStateChange(from: .idle)
            }
            late.cancel()
            #expect(await late.value == .idle)
            await channel.end()
        }
    }

    @Test func readinessIsWaitedForThroughFailuresAndIdleTimes() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let silent = FakeResolver()
            var resolver = silent
            var configuration = ChannelConfiguration.quick
            configuration.idleTimeout = .milliseconds(50)
            let channel = Channel(
                target: Target(scheme: "dns", endpoint: "test:80"), resolver: resolver, policy: RoundRobin(seed: 1),
                on: loop, configuration: configuration)
            let bound = LoopBound(channel, on: loop)
            let ready = Task.immediateDetached(executorPreference: loop) { await bound.value.waitUntilReady() }
            silent.fail("no such name")
            await poll("it has been IDLE, and has left it", on: loop) { silent.starts >= 3 }
            // However long it takes to connect: it is found again after each idle time.
            resolver = FakeResolver(fleet.addresses, on: loop)
            #expect(await ready.value)
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func readinessOfAChannelThatEndsNeverComes() async throws {
        try await withLoop { loop in
            for isShutDown in [true, false] {
                let channel = Channel.to(FakeResolver(), on: loop)
                let bound = LoopBound(channel, on: loop)
                let ready = Task.immediateDetached(executorPreference: loop) { await bound.value.waitUntilReady() }
                if isShutDown { channel.shutdown() } else { ready.cancel() }
                #expect(await !ready.value)
                await channel.end()
            }
        }
    }
}
