import LoadBalancing
import Testing

@Suite struct PickerTests {
    @Test func theSimpleKinds() {
        #expect(Picker.queue.picks(2) == [.queue, .queue])
        #expect(Picker.idle.picks(1) == [.exitIdle])
        #expect(Picker.fail(refused).picks(2) == [.fail(refused), .fail(refused)])
        #expect(Picker.only(id(7)).picks(3) == Array(repeating: .subchannel(id(7)), count: 3))
    }

    @Test func onlyAPickerThatSaysSoAsksThePolicy() {
        var asked = 0
        for kind in [Picker.queue, .idle, .fail(refused), .only(id(7))] {
            var picker = kind
            _ = picker.pick {
                asked += 1
                return .queue
            }
        }
        #expect(asked == 0)
        var picker = Picker.policy
        #expect(
            picker.pick { .subchannel(id(3), tracking: TrackedCall(5)) } == .subchannel(id(3), tracking: TrackedCall(5))
        )
    }

    @Test func aRotationGoesRound() throws {
        for start in [0, 1, 2, 3, 5, -1, Int.max, Int.min] {
            var rotation = try #require(Rotation([id(10), id(11), id(12)], start: start))
            let picks = (0..<7).map { _ in rotation.next().rawValue }
            let first = picks[0]
            #expect(picks == (0..<7).map { 10 + (first - 10 + $0) % 3 }, "from \(start)")
        }
        var second = try #require(Rotation([id(10), id(11), id(12)], start: 4))
        #expect(second.next() == id(11))
        var alone = try #require(Rotation([id(1)], start: 99))
        let picks = (0..<3).map { _ in alone.next() }
        #expect(picks == [id(1), id(1), id(1)])
        #expect(Rotation([], start: 0) == nil)
    }

    @Test func aPickerRemembersWhereItIs() throws {
        var picker = Picker.rotation(try #require(Rotation([id(0), id(1)], start: 0)))
        #expect(picker.pick { .queue } == .subchannel(id(0)))
        let copy = picker
        #expect(picker.pick { .queue } == .subchannel(id(1)))
        #expect(picker.pick { .queue } == .subchannel(id(0)))
        #expect(copy.picks(1) == [.subchannel(id(1))])
    }

    @Test func policiesHaveTheNamesOfServiceConfigs() {
        #expect(LoadBalancingPolicyName(rawValue: "pick_first") == .pickFirst)
        #expect(LoadBalancingPolicyName(rawValue: "round_robin") == .roundRobin)
        #expect(LoadBalancingPolicyName(rawValue: "random") == nil)
        for name in LoadBalancingPolicyName.allCases {
            #expect(type(of: name.makePolicy(seed: 1)).name == name.rawValue)
        }
    }
}
