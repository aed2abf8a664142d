import LoadBalancing
import RPCCore
import Testing

/// Policies under thousands of random events, against a model of the channel that carries out their commands.
@Suite struct PolicyModelTests {
    /// What a channel knows, and what must hold whatever happens.
    private final class Model {
        var policy: any LoadBalancingPolicy
        var states: [SubchannelID: SubchannelState] = [:]
        var endpoints: [SubchannelID: Endpoint] = [:]
        var everCreated: Set<SubchannelID> = []
        var picker = Picker.idle
        var state = ConnectivityState.idle
        var resolved: Set<Endpoint> = []
        var faults: [String] = []
        var timerRuns = false

        init(_ policy: any LoadBalancingPolicy) {
            self.policy = policy
        }

        func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
            if !condition { faults.append(what()) }
        }

        func perform(_ commands: [PolicyCommand]) {
            for command in commands {
                switch command {
                case .create(let id, let endpoint):
                    expect(everCreated.insert(id).inserted, "\(id) is created twice")
                    expect(resolved.contains(endpoint), "\(endpoint) is not in the set")
                    expect(!endpoints.values.contains(endpoint), "\(endpoint) has two subchannels")
                    states[id] = .idle
                    endpoints[id] = endpoint
                case .connect(let id):
                    expect(states[id] != nil, "\(id) is connected and does not exist")
                case .remove(let id):
                    expect(states.removeValue(forKey: id) != nil, "\(id) is removed and does not exist")
                    endpoints[id] = nil
                case .resolveAgain:
                    break
                case .startTimer: timerRuns = true
                case .stopTimer:
                    expect(timerRuns, "a timer is stopped that does not run")
                    timerRuns = false
                case .update(let state, let picker):
                    self.state = state
                    self.picker = picker
                }
            }
            // What a channel would do: only idle subchannels begin to connect, and their state is reported.
            for command in commands {
                guard case .connect(let id) = command, states[id] == .idle else { continue }
                change(id, to: .connecting)
            }
        }

        func change(_ id: SubchannelID, to state: SubchannelState) {
            guard states[id] != nil else { return }
            states[id] = state
            perform(policy.subchannel(id, changedTo: state))
        }

        func check() {
            for pick in picker.picks(states.count + 1) {
                switch pick {
                case .subchannel(let id):
                    expect(states[id] == .ready, "\(id) is picked and is \(String(describing: states[id]))")
                    expect(state == .ready, "a subchannel is picked in state \(state)")
                case .queue: expect(state == .connecting, "queueing in state \(state)")
                case .exitIdle: expect(state == .idle, "idle picker in state \(state)")
                case .fail: expect(state == .transientFailure, "failing in state \(state)")
                }
            }
            for (id, endpoint) in endpoints {
                expect(resolved.contains(endpoint), "\(id) is for \(endpoint), which has left the set")
            }
        }

        /// One random event that a channel could report next.
        func step(using generator: inout some RandomNumberGenerator) {
            let roll = Int.random(in: 0..<10, using: &generator)
            switch roll {
            case 0:
                let set = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                    endpoint(UInt32.random(in: 1...5, using: &generator))
                }
                resolved = Set(set)
                perform(policy.resolved(set))
            case 1: perform(policy.resolverFailed(refused))
            case 2: if state == .idle { perform(policy.exitIdle()) }
            case 3:
                guard timerRuns else { return }
                timerRuns = false
                perform(policy.timerFired())
            default:
                guard let id = states.keys.sorted().randomElement(using: &generator) else { return }
                switch states[id] {
                case .idle: perform([.connect(id)])
                case .connecting: change(id, to: Bool.random(using: &generator) ? .ready : .transientFailure(refused))
                case .transientFailure: change(id, to: .idle)
                // Lost after a while, or as soon as it was made.
                case .ready: change(id, to: Bool.random(using: &generator) ? .idle : .transientFailure(refused))
                case nil: return
                }
            }
        }

        /// One endpoint of the last set can be reached from now on; the policy must get to READY by itself.
        func recover(using generator: inout some RandomNumberGenerator) {
            if resolved.isEmpty {
                resolved = [endpoint(1), endpoint(2)]
                perform(policy.resolved([endpoint(1), endpoint(2)]))
            }
            let reachable = resolved.sorted { "\($0)" < "\($1)" }.randomElement(using: &generator)
            for _ in 0..<20 {
                if state == .idle { perform(policy.exitIdle()) }
                for (id, state) in states.sorted(by: { $0.key < $1.key }) {
                    switch state {
                    case .connecting:
                        change(id, to: endpoints[id] == reachable ? .ready : .transientFailure(refused))
                    case .transientFailure: change(id, to: .idle)
                    case .idle, .ready: break
                    }
                }
            }
        }
    }

    @Test(arguments: LoadBalancingPolicyName.allCases)
    func holdsItsInvariants(name: LoadBalancingPolicyName) throws {
        for seed in 0..<400 as Range<UInt64> {
            var generator = Seeded(state: seed)
            let model = Model(name.makePolicy(seed: seed))
            for _ in 0..<120 {
                model.step(using: &generator)
                model.check()
                guard model.faults.isEmpty else { break }
            }
            if model.faults.isEmpty {
                model.recover(using: &generator)
                model.check()
                model.expect(model.state == .ready, "a server is up, and the channel is \(model.state)")
            }
            try #require(model.faults == [], "seed \(seed)")
        }
    }

    /// A generator whose sequence a failure can be repeated with.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var mixed = state ^ state >> 33
            mixed = mixed &* 0xff51_afd7_ed55_8ccd
            return mixed ^ mixed >> 33
        }
    }
}
