import Addresses
import Events
import HTTP2
import LoadBalancing
import RPCClient
import RPCCore
import RPCTestSupport
import TestSupport
import Testing
import Timing

/// What a policy is asked before each attempt of a call, and told after it.
@Suite(.timeLimit(.minutes(5))) struct PickTests {
    @Test func aBusyServerIsLeftAlone() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(2, on: loop)
            let record = LeastLoaded.Record()
            let channel = Channel.to(fleet.addresses, LeastLoaded(record), on: loop)
            await poll("both are ready", on: loop) { channel.snapshot.subchannels.count { $0.state == .ready } == 2 }
            let slow = channel.start(TestMethods.wait)
            await fleet.gate.arrival()
            let busy = fleet.counts
            #expect(await channel.callMany(10, lanes: 1) == [])
            // None went where the slow one is.
            #expect(zip(fleet.counts, busy).map { $0 - $1 }.sorted() == [0, 10])
            #expect(zip(fleet.counts, busy).allSatisfy { $0 == 10 || $1 == 1 })
            fleet.gate.open()
            #expect(await slow.value.error == nil)
            #expect(record.ends?.map(\.status) == Array(repeating: .ok, count: 11))
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func thePickKnowsTheCall() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let record = LeastLoaded.Record()
            let channel = Channel.to(fleet.addresses, LeastLoaded(record), on: loop)
            var options = CallOptions()
            try options.metadata.append("user", "anna")
            #expect(await channel.call(TestMethods.echo, [1], options).error == nil)
            #expect(record.infos.map(\.method.path) == ["/test.Service/Echo"])
            #expect(record.infos[0].metadata["user"] == "anna")
            await fleet.stop()
            await channel.end()
        }
    }

    /// However it ends, and once.
    @Test func thePolicyHearsOfEveryEnd() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let record = LeastLoaded.Record()
            let channel = Channel.to(fleet.addresses, LeastLoaded(record), on: loop)
            #expect(await channel.call().error == nil)
            #expect(await channel.call(TestMethods.missing).error?.code == .unimplemented)
            let soon = CallOptions(timeout: .milliseconds(20))
            #expect(await channel.call(TestMethods.wait, [], soon).error?.code == .deadlineExceeded)
            await fleet.gate.arrival()
            let cancelled = channel.start(TestMethods.wait)
            await fleet.gate.arrival(2)
            #expect(record.ends == nil)
            cancelled.cancel()
            #expect(await cancelled.value.error?.code == .cancelled)
            do {
                let replies = channel.stream(.streaming(TestMethods.echo), [1])
                #expect(try await replies.receive() == [1])
                // Let go of before its status has come, it would be a cancelled one.
                #expect(try await replies.receive() == nil)
            }
            do { _ = channel.stream(.streaming(TestMethods.wait), [1]) }
            let statuses: [StatusCode] = [.ok, .unimplemented, .deadlineExceeded, .cancelled, .ok, .cancelled]
            await poll("six ends", on: loop) { record.ends?.count == 6 }
            #expect(record.ends?.map(\.status) == statuses)
            #expect(record.ends?.map(\.wasSent) == [true, true, true, true, true, true])
            #expect((record.ends?[2].duration ?? .zero) >= .milliseconds(20))
            #expect(channel.snapshot.subchannels.map(\.picks) == [6])
            await fleet.stop(grace: .zero)
            await channel.end()
            #expect(record.ends?.count == 6)
        }
    }

    @Test func theServersTrailersAreInTheOutcome() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { _, peer, stream in
                guard let stream = stream.stream else { return }
                peer.session.respond(
                    stream, HeaderBlock([(":status", "200"), ("content-type", "application/grpc")]), body: frame([1]),
                    trailers: HeaderBlock([("grpc-status", "0"), ("endpoint-load-metrics", "cpu_utilization=0.5")]))
                peer.flush()
            }
            let record = LeastLoaded.Record()
            let channel = Channel.to([server.address], LeastLoaded(record), on: loop)
            #expect(await channel.call().error == nil)
            #expect(record.ends?.map { $0.trailers["endpoint-load-metrics"] } == ["cpu_utilization=0.5"])
            server.stop()
            await channel.end()
        }
    }

    @Test func anAttemptThatIsRefusedAndTheNextAreTwo() async throws {
        try await withLoop { loop in
            let server = try RawServer.answering(on: loop) { number, peer, stream in
                if number == 1 { peer.reset(stream, .refusedStream) } else { peer.answer(stream, [8]) }
            }
            let record = LeastLoaded.Record()
            let channel = Channel.to([server.address], LeastLoaded(record), on: loop)
            #expect(await channel.call().reply == [8])
            #expect(record.ends?.map(\.status) == [.unavailable, .ok])
            #expect(record.ends?.map(\.wasSent) == [true, true])
            server.stop()
            await channel.end()
        }
    }

    @Test func aLostConnectionEndsThoseThatLeftAndThoseThatDidNot() async throws {
        try await withLoop { loop in
            var few = HTTP2Configuration.defaults
            few.maxConcurrentStreams = 2
            let server = try RawServer.answering(on: loop, few) { number, peer, stream in
                // The first connection answers nothing.
                if number > 2 { peer.answer(stream) }
            }
            let record = LeastLoaded.Record()
            let channel = Channel.to([server.address], LeastLoaded(record), on: loop)
            channel.connect()
            await poll("the first connection", on: loop) { channel.snapshot.state == .ready }
            let calls = (0..<10).map { _ in channel.start() }
            await poll("two requests", on: loop) { server.requests.count == 2 }
            server.peers[0].close()
            for call in calls { _ = await call.value }
            let ends = try #require(record.ends)
            #expect(ends.prefix(10).map(\.status) == Array(repeating: .unavailable, count: 10))
            #expect(ends.prefix(10).map(\.wasSent) == [true, true] + Array(repeating: false, count: 8))
            #expect(ends.dropFirst(10).map(\.status) == Array(repeating: .ok, count: 8))
            server.stop()
            await channel.end()
        }
    }

    @Test func aPickWithoutAConnectionHasAnEndToo() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let record = LeastLoaded.Record()
            let channel = Channel.to(fleet.addresses, Hasty(record: record), on: loop)
            #expect(await channel.call().reply == [1, 2, 3])
            #expect(record.ends?.last?.status == .ok)
            #expect(record.ends?.dropLast().allSatisfy { $0 == .noConnection } == true)
            #expect((record.ends?.count ?? 0) > 1)
            await fleet.stop()
            await channel.end()
        }
    }

    @Test func anEndMayChangeWhereTheNextCallsGo() async throws {
        try await withLoop { loop in
            let bad = try RawServer.answering(on: loop) { _, peer, stream in peer.reset(stream, .internalError) }
            let good = try RawServer.answering(on: loop) { _, peer, stream in peer.answer(stream, [6]) }
            let channel = Channel.to([bad.address, good.address], LeastLoaded(ejects: true), on: loop)
            await poll("both are ready", on: loop) { channel.snapshot.subchannels.count { $0.state == .ready } == 2 }
            #expect(await channel.call().error?.code == .internal)
            for _ in 0..<20 { #expect(await channel.call().reply == [6]) }
            #expect(bad.requests.count == 1)
            #expect(good.requests.count == 20)
            bad.stop()
            good.stop()
            await channel.end()
        }
    }

    @Test func callsThatOutliveTheChannelAreNoneOfItsPolicysBusiness() async throws {
        try await withLoop { loop in
            let fleet = try Fleet(1, on: loop)
            let channel = Channel.to(fleet.addresses, LeastLoaded(ejects: true), on: loop)
            let call = channel.start(TestMethods.wait)
            await fleet.gate.arrival()
            channel.shutdown()
            call.cancel()
            _ = await call.value
            #expect(channel.snapshot.state == .shutdown)
            await fleet.stop(grace: .zero)
            await channel.end()
        }
    }

    /// Sends calls to a subchannel that is still connecting.
    private struct Hasty: LoadBalancingPolicy {
        static let name = "hasty"
        let record: LeastLoaded.Record
        var id: SubchannelID?

        mutating func resolved(_ update: Resolution, _ channel: inout ChannelControlHelper) -> Acceptance {
            guard let endpoint = update.endpoints.first else { return .refused }
            let id = channel.createSubchannel(endpoint.address)
            self.id = id
            channel.connect(id)
            channel.update(.connecting, .policy)
            return .accepted
        }

        func pick(_ info: PickInfo, at now: Instant) -> PickResult {
            guard let id else { return .queue }
            return .subchannel(id, tracking: record.note(info))
        }

        func subchannel(
            _ id: SubchannelID, changedTo state: SubchannelState, _ channel: inout ChannelControlHelper
        ) {
            channel.update(state.connectivity, .policy)
        }

        func callEnded(
            _ call: TrackedCall, _ outcome: CallOutcome, _ channel: inout ChannelControlHelper
        ) {
            record.note(call, outcome)
        }

        func resolverFailed(_ error: RPCError, _ channel: inout ChannelControlHelper) {}
        func exitIdle(_ channel: inout ChannelControlHelper) {}
        func shutdown(_ channel: inout ChannelControlHelper) {}
    }
}
