import Lab
import Testing

@Suite struct ChanceTests {
    /// A number for each seed, the same in each run (SplitMix64).
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    private func counts(pods: Int, calls: Int, seed: UInt64) -> [Int] {
        var dice = Dice(state: seed)
        var counts = Array(repeating: 0, count: pods)
        for _ in 0..<calls { counts[Int.random(in: 0..<pods, using: &dice)] += 1 }
        return counts
    }

    /// 500 calls, five pods: 20 % ± 4 × 1.79 %.
    @Test func aShareMayBeFourDeviationsAway() {
        let bounds = Chance.share(ofOneIn: 5, calls: 500)
        #expect(abs(bounds.lowerBound - 12.845) < 0.001 && abs(bounds.upperBound - 27.155) < 0.001)
        #expect(Chance.share(ofOneIn: 5, calls: 8).lowerBound == 0)
        #expect(Chance.share(ofOneIn: 5, calls: 0) == 0...100)
    }

    /// 1 ÷ (1 + 24 ÷ 500) = 0.954.
    @Test func fairnessByChanceIsWhatChiSquareSays() {
        #expect(abs(Chance.leastFairness(of: 5, calls: 500) - 0.954) < 0.001)
        #expect(Chance.leastFairness(of: 1, calls: 500) == 0)
    }

    /// Of 800 draws, a twentieth of one is outside on average.
    @Test func whatChanceDoesIsNearlyAlwaysWithinTheBounds() {
        let bounds = Chance.share(ofOneIn: 5, calls: 500)
        let least = Chance.leastFairness(of: 5, calls: 500)
        let outside = (0..<400).count { seed in
            let shares = Shares(counts(pods: 5, calls: 500, seed: UInt64(seed)))
            guard let busiest = shares.busiest, let idlest = shares.idlest, let fairness = shares.fairness else {
                return true
            }
            return !bounds.contains(busiest) || !bounds.contains(idlest) || fairness < least
        }
        #expect(outside <= 1)
    }

    /// A pod that gets 30 % in place of 20 is no chance.
    @Test func aBiasIsOutsideOfThem() throws {
        let shares = Shares([150, 88, 88, 87, 87])
        #expect(!Chance.share(ofOneIn: 5, calls: 500).contains(try #require(shares.busiest)))
    }
}
