import Addresses
import Events
import LoadBalancing
import RPCCore
import TestSupport
import Testing
import Timing
import gateway

@Suite(.timeLimit(.minutes(5))) struct PodSourceTests {
    /// Looks up at the start and whenever it is asked; a test writes the answers.
    private final class Written: Resolver {
        private var report: ((Result<Resolution, RPCError>) -> Acceptance)?
        private(set) var snapshot = ResolverSnapshot()
        private(set) var isShutDown = false
        let asked: Journal<Int>
        let isWatch: Bool

        init(_ asked: Journal<Int>, isWatch: Bool) {
            self.asked = asked
            self.isWatch = isWatch
        }

        func start(_ report: @escaping (Result<Resolution, RPCError>) -> Acceptance) {
            self.report = report
            lookUp()
        }

        func resolveAgain(urgent: Bool) { if !isWatch { lookUp() } }

        func shutdown() {
            isShutDown = true
            report = nil
        }

        private func lookUp() {
            snapshot.lookups += 1
            asked.note(snapshot.lookups)
        }

        func find(_ addresses: [SocketAddress]) {
            _ = report?(.success(Resolution(endpoints: addresses.map { Endpoint($0) })))
        }

        func fail(_ message: String) { _ = report?(.failure(RPCError(.unavailable, message))) }
    }

    /// A source, and the resolvers that it has made.
    private final class Bench {
        let asked = Journal<Int>()
        private(set) var made: [Written] = []
        private let times: PodSource.Times
        private let isWatch: Bool
        private let loop: EventLoop
        private(set) lazy var source = PodSource(on: loop, times: times) { [unowned self] in
            made.append(Written(asked, isWatch: isWatch))
            return made[made.count - 1]
        }

        init(
            on loop: EventLoop, interval: Duration = .zero, patience: Duration = .seconds(20),
            rest: Duration = .seconds(20), isWatch: Bool = false
        ) {
            self.loop = loop
            var times = PodSource.Times()
            times.interval = interval
            times.patience = patience
            times.rest = rest
            self.times = times
            self.isWatch = isWatch
        }

        /// A look, and what the resolver answers to it.
        func look(_ answer: @escaping (Written) -> Void) async -> PodSource.Snapshot {
            let bound = LoopBound(self, on: loop)
            let look = Task(executorPreference: loop) { await bound.value.source.look() }
            _ = await asked.next()
            if let last = made.last { answer(last) }
            return await look.value
        }
    }

    private static let one = SocketAddress.ip(.v4(1), port: 1)
    private static let two = SocketAddress.ip(.v4(2), port: 1)

    @Test func nothingIsAskedUntilSomebodyLooks() async throws {
        try await withLoop { loop in
            let bench = Bench(on: loop)
            #expect(bench.made.isEmpty)
            let first = await bench.look { $0.find([PodSourceTests.one]) }
            #expect(first.addresses == [PodSourceTests.one] && first.lookups == 1 && first.lastError == nil)
            let second = await bench.look { $0.find([PodSourceTests.two]) }
            #expect(second.addresses == [PodSourceTests.two] && second.lookups == 2)
            #expect(bench.made.count == 1)
            bench.source.shutdown()
            #expect(bench.made[0].isShutDown)
        }
    }

    @Test func looksThatFollowEachOtherShareAnAnswer() async throws {
        try await withLoop { loop in
            let bench = Bench(on: loop, interval: .seconds(20))
            _ = await bench.look { $0.find([PodSourceTests.one]) }
            #expect(await bench.source.look().addresses == [PodSourceTests.one])
            #expect(bench.asked.isEmpty)
            bench.source.shutdown()
        }
    }

    @Test func aSourceThatFailsIsToldOfAndAskedAnew() async throws {
        try await withLoop { loop in
            let bench = Bench(on: loop)
            _ = await bench.look { $0.find([PodSourceTests.one]) }
            let failed = await bench.look { $0.fail("no such name") }
            #expect(failed.lastError == "no such name" && failed.lookups == 2)
            // For the moment.
            #expect(failed.addresses == [PodSourceTests.one])
            #expect(bench.made[0].isShutDown)
            let again = await bench.look { $0.find([PodSourceTests.two]) }
            #expect(again.addresses == [PodSourceTests.two] && again.lookups == 3 && again.lastError == nil)
            bench.source.shutdown()
        }
    }

    @Test func whatCouldNotBeRenewedIsNotBelievedForEver() async throws {
        try await withLoop { loop in
            let bench = Bench(on: loop, rest: .zero)
            _ = await bench.look { $0.find([PodSourceTests.one]) }
            #expect(await bench.look { $0.fail("no such name") }.addresses.isEmpty)
            bench.source.shutdown()
        }
    }

    @Test func whoDoesNotAnswerIsWaitedForOnce() async throws {
        try await withLoop { loop in
            let bench = Bench(on: loop, patience: .milliseconds(100))
            #expect(await bench.look { _ in }.addresses.isEmpty)
            // By then the answer has not come; the next look has what there is.
            let begin = loop.now
            for _ in 0..<100 { _ = await bench.source.look() }
            #expect(loop.now < begin + Duration.seconds(10))
            bench.made[0].find([PodSourceTests.one])
            #expect(await bench.look { $0.find([PodSourceTests.two]) }.addresses == [PodSourceTests.two])
            bench.source.shutdown()
        }
    }

    @Test func aWatchIsNotWaitedForAndEndsWhenNobodyLooks() async throws {
        try await withLoop { loop in
            let bench = Bench(on: loop, rest: .milliseconds(20), isWatch: true)
            _ = await bench.look { $0.find([PodSourceTests.one]) }
            bench.made[0].find([PodSourceTests.two])
            #expect(await bench.source.look().addresses == [PodSourceTests.two])
            while !bench.made[0].isShutDown { try await loop.sleep(for: .milliseconds(1)) }
            // The answer of before is not what a look sees then.
            let anew = await bench.look { $0.find([PodSourceTests.one]) }
            #expect(anew.addresses == [PodSourceTests.one] && anew.lookups == 2)
            bench.source.shutdown()
        }
    }
}
