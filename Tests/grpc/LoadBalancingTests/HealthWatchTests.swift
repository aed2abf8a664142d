import LoadBalancing
import RPCCore
import Testing

@Suite struct HealthWatchTests {
    private let broken = RPCError(.unavailable, "broken")
    private var configuration: BackoffConfiguration {
        var configuration = BackoffConfiguration.defaults
        configuration.multiplier = 2
        return configuration
    }

    private func watching() -> HealthWatch {
        var watch = HealthWatch(of: "test.Service", configuration)
        #expect(watch.begin() == .watch)
        return watch
    }

    private func notServing(_ reason: String) -> SubchannelHealth { .notServing(RPCError(.unavailable, reason)) }

    @Test func nobodyIsCalledBeforeTheFirstAnswer() {
        var watch = watching()
        #expect(watch.health == .connecting)
        watch.received(.serving)
        #expect(watch.health == .serving)
        #expect(watch.begin() == .none)
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
        _ = watch.begin()
        watch.received(.other(2))
        #expect(watch.health == notServing("its health service says NOT_SERVING"))
    }

    @Test func aServerWithoutTheServiceIsServingAndIsLeftAlone() {
        var watch = watching()
        #expect(watch.ended(RPCError(.unimplemented, "what?"), random: 0.5) == .none)
        #expect(watch.health == .serving)
        #expect(watch.waitEnded() == .none)
    }

    @Test func aWatchThatBringsNothingIsBegunAgainAfterABackOff() {
        var watch = watching()
        for wait in [1, 2, 4] {
            #expect(watch.ended(broken, random: 0.5) == .wait(.seconds(wait)))
            #expect(watch.health == notServing("the watch over its health failed: UNAVAILABLE: broken"))
            // What comes from the watch that is over is nothing.
            watch.received(.serving)
            #expect(watch.health != .serving)
            #expect(watch.waitEnded() == .watch)
            #expect(watch.health == .connecting)
        }
    }

    @Test func afterAnAnswerItIsBegunAgainAtOnceAndTheBackOffAnew() {
        var watch = watching()
        _ = watch.ended(broken, random: 0.5)
        _ = watch.waitEnded()
        watch.received(.serving)
        #expect(watch.ended(nil, random: 0.5) == .watch)
        #expect(watch.health == .connecting)
        #expect(watch.ended(broken, random: 0.5) == .wait(.seconds(1)))
    }
}
