import LoadBalancing
import RPCCore
import Testing
import Timing

@Suite struct HealthWatchTests {
    private let start = Instant(nanoseconds: 1_000_000)
    private let broken = RPCError(.unavailable, "broken")
    private var configuration: BackoffConfiguration {
        var configuration = BackoffConfiguration.defaults
        configuration.multiplier = 2
        return configuration
    }

    private func watching() -> HealthWatch {
        var watch = HealthWatch(of: "test.Service", configuration)
        #expect(watch.begin(at: start) == .watch)
        return watch
    }

    private func notServing(_ reason: String) -> SubchannelHealth { .notServing(RPCError(.unavailable, reason)) }

    @Test func nobodyIsCalledBeforeTheFirstAnswer() {
        var watch = watching()
        #expect(watch.health == .connecting)
        watch.received(.serving)
        #expect(watch.health == .serving)
        #expect(watch.begin(at: start) == .none)
    }

    @Test(arguments: [(Int32(0), "UNKNOWN"), (2, "NOT_SERVING"), (3, "SERVICE_UNKNOWN"), (9, "status 9")])
    func onlyServingIsServing(answer: Int32, name: String) {
        var watch = watching()
        watch.received(HealthWatch.Answer(rawValue: answer))
        #expect(watch.health == notServing("its health service says of test.Service: \(name)"))
        watch.received(HealthWatch.Answer(rawValue: 1))
        #expect(watch.health == .serving)
    }

    @Test func theServerAsAWholeHasNoName() {
        var watch = HealthWatch(of: "", configuration)
        _ = watch.begin(at: start)
        watch.received(.other(2))
        #expect(watch.health == notServing("its health service says NOT_SERVING"))
    }

    @Test func aServerWithoutTheServiceIsServingAndIsLeftAlone() {
        var watch = watching()
        #expect(watch.ended(RPCError(.unimplemented, "what?"), at: start, random: 0.5) == .none)
        #expect(watch.health == .serving)
        #expect(watch.waitEnded(at: start) == .none)
    }

    @Test func aWatchThatBringsNothingIsBegunAgainAfterABackOff() {
        var watch = watching()
        for wait in [1, 2, 4] {
            #expect(watch.ended(broken, at: start, random: 0.5) == .wait(.seconds(wait)))
            #expect(watch.health == notServing("the watch over its health failed: UNAVAILABLE: broken"))
            // What comes from the watch that is over is nothing.
            watch.received(.serving)
            #expect(watch.health != .serving)
            #expect(watch.waitEnded(at: start) == .watch)
            #expect(watch.health == .connecting)
        }
    }

    @Test func afterAnAnswerItIsBegunAgainAtOnceAndTheBackOffAnew() {
        var watch = watching()
        _ = watch.ended(broken, at: start, random: 0.5)
        _ = watch.waitEnded(at: start)
        watch.received(.serving)
        let later = start + .seconds(1)
        #expect(watch.ended(nil, at: later, random: 0.5) == .watch)
        #expect(watch.health == .connecting)
        #expect(watch.ended(broken, at: later, random: 0.5) == .wait(.seconds(1)))
    }

    /// A server that answers and ends the stream would be asked again as fast as it answers.
    @Test func whatEndsAfterItsAnswerIsNotAskedAgainAtOnce() {
        var watch = watching()
        for _ in 0..<3 {
            watch.received(.serving)
            #expect(watch.ended(nil, at: start + .milliseconds(999), random: 0.5) == .wait(.seconds(1)))
            #expect(watch.health == notServing("the watch over its health failed: the server ended it"))
            #expect(watch.waitEnded(at: start) == .watch)
        }
    }
}
