import RPCCore
import Testing

@Suite struct BackoffTests {
    private func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }

    @Test func growsToItsMaximum() {
        var backoff = Backoff(.defaults)
        var expected = 1.0
        for _ in 0..<12 {
            // A draw from the middle is the wait without jitter.
            #expect(abs(seconds(backoff.next(random: 0.5)) - expected) < 1e-6)
            expected = min(expected * 1.6, 120)
        }
        #expect(expected == 120)
        for _ in 0..<2000 { _ = backoff.next(random: 0.5) }
        #expect(backoff.next(random: 0.5) == .seconds(120))
    }

    @Test func jitterIsTwentyPercentEitherWay() {
        var low = Backoff(.defaults)
        var high = Backoff(.defaults)
        #expect(abs(seconds(low.next(random: 0)) - 0.8) < 1e-6)
        #expect(abs(seconds(high.next(random: 1)) - 1.2) < 1e-6)
        var drawn: Set<Duration> = []
        var wait = 1.0
        var backoff = Backoff(.defaults)
        for _ in 0..<20 {
            let next = backoff.next(random: Double.random(in: 0..<1))
            #expect((wait * 0.8 - 1e-6...wait * 1.2).contains(seconds(next)))
            drawn.insert(next)
            wait = min(wait * 1.6, 120)
        }
        #expect(drawn.count > 15)
    }

    @Test func resetBeginsAnew() {
        var backoff = Backoff(.defaults)
        for _ in 0..<5 { _ = backoff.next(random: 0.5) }
        backoff.reset()
        #expect(backoff.next(random: 0.5) == .seconds(1))
    }

    @Test func aBaseOverTheMaximumIsCut() {
        var configuration = BackoffConfiguration.defaults
        configuration.base = .seconds(10)
        configuration.maximum = .seconds(3)
        var backoff = Backoff(configuration)
        #expect(backoff.next(random: 0.5) == .seconds(3))
    }

    @Test func absurdConfigurationsAreHarmless() {
        var configuration = BackoffConfiguration.defaults
        configuration.base = .seconds(Int64.max)
        configuration.maximum = .seconds(Int64.max)
        var backoff = Backoff(configuration)
        #expect(backoff.next(random: 1) > .seconds(1_000_000_000))
        configuration.multiplier = 0
        configuration.base = .seconds(1)
        var shrinking = Backoff(configuration)
        _ = shrinking.next(random: 0.5)
        #expect(shrinking.next(random: 0.5) == .zero)
    }
}
