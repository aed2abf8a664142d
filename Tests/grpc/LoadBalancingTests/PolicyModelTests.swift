import Addresses
import LoadBalancing
import RPCCore
import RPCTestSupport
import Testing

/// Policies under thousands of random events, against a model of the channel that carries out their commands.
@Suite struct PolicyModelTests {
    /// The policies of this build, and one that tracks its calls.
    enum Kind: CaseIterable {
        case pickFirst, roundRobin, leastRequest, weightedRoundRobin, peakEWMA, outlierDetection, leastLoaded

        /// All are picked in a round.
        var goesRound: Bool {
            switch self {
            case .pickFirst, .roundRobin, .weightedRoundRobin, .outlierDetection: true
            case .leastRequest, .peakEWMA, .leastLoaded: false
            }
        }

        func makePolicy(seed: UInt64) -> any LoadBalancingPolicy {
            switch self {
            case .pickFirst: LoadBalancingPolicyName.pickFirst.makePolicy(seed: seed)
            case .roundRobin: LoadBalancingPolicyName.roundRobin.makePolicy(seed: seed)
            case .leastRequest: LoadBalancingPolicyName.leastRequest.makePolicy(seed: seed)
            case .weightedRoundRobin: LoadBalancingPolicyName.weightedRoundRobin.makePolicy(seed: seed)
            case .peakEWMA: LoadBalancingPolicyName.peakEWMA.makePolicy(seed: seed)
            case .outlierDetection: LoadBalancingPolicyName.outlierDetection.makePolicy(seed: seed)
            case .leastLoaded: LeastLoaded()
            }
        }
    }

    /// What a channel knows, and what must hold whatever happens.
    private final class Model {
        var policy: Driven
        var states: [SubchannelID: SubchannelState] = [:]
        var addresses: [SubchannelID: SocketAddress] = [:]
        var everCreated: Set<SubchannelID> = []
        var picker = Picker.idle
        var state = ConnectivityState.idle
        var resolved: [Endpoint] = []
        var faults: [String] = []
        var timers: Set<TimerID> = []
        /// Calls that a policy wants to hear of, under way.
        var open: [TrackedCall] = []
        let kind: Kind
        var usesOneConnection: Bool { kind == .pickFirst }

        init(_ kind: Kind, seed: UInt64) {
            self.kind = kind
            policy = Driven(kind.makePolicy(seed: seed))
        }

        func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
            if !condition { faults.append(what()) }
        }

        /// How many subchannels there may be for it: a policy that spreads calls has one for each endpoint that is there.
        func limit(_ address: SocketAddress) -> Int {
            let servers = Set(resolved.map(\.identity)).count { $0.contains(address) }
            return usesOneConnection ? min(servers, 1) : servers
        }

        func perform(_ commands: [PolicyCommand]) {
            for command in commands {
                switch command {
                case .create(let id, let address):
                    expect(everCreated.insert(id).inserted, "\(id) is created twice")
                    states[id] = .idle
                    addresses[id] = address
                    expect(
                        addresses.values.count { $0 == address } <= limit(address),
                        "\(address) has more subchannels than endpoints")
                case .connect(let id):
                    expect(states[id] != nil, "\(id) is connected and does not exist")
                case .remove(let id):
                    expect(states.removeValue(forKey: id) != nil, "\(id) is removed and does not exist")
                    addresses[id] = nil
                case .resolveAgain:
                    break
                case .startTimer(let id, _):
                    expect(timers.insert(id).inserted, "\(id) is started twice")
                case .stopTimer(let id):
                    expect(timers.remove(id) != nil, "\(id) is stopped and does not run")
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

        func resolve(_ endpoints: [Endpoint]) {
            resolved = endpoints
            perform(policy.resolved(endpoints))
            expect(policy.acceptance == (endpoints.isEmpty ? .refused : .accepted), "\(endpoints): refused or not?")
        }

        func check() {
            let picks = (0...states.count).map { _ in pick() }
            for pick in picks {
                switch pick {
                case .subchannel(let id, _):
                    expect(states[id] == .ready, "\(id) is picked and is \(String(describing: states[id]))")
                    expect(state == .ready, "a subchannel is picked in state \(state)")
                case .queue: expect(state == .connecting, "queueing in state \(state)")
                case .exitIdle: expect(state == .idle, "idle picker in state \(state)")
                case .fail: expect(state == .transientFailure, "failing in state \(state)")
                }
            }
            for (id, address) in addresses {
                expect(limit(address) > 0, "\(id) is for \(address), which has left the set")
            }
            // Whoever can be called is, and each server has one share: losers of a race are gone.
            let ready = Set(states.filter { $0.value == .ready }.keys)
            let picked = Set(picks.compactMap(\.subchannel))
            // Calls that are under way may be reason enough to leave one out, and so may chance.
            let isFair = kind.goesRound || (kind == .leastLoaded && open.isEmpty)
            expect(isFair ? picked == ready : picked.isSubset(of: ready), "\(ready) are ready, \(picked) are picked")
            let servers = usesOneConnection ? 1 : Set(resolved.map(\.identity)).count
            expect(ready.count <= servers, "\(ready.count) connections to \(servers) servers")
        }

        func pick() -> PickResult {
            let result = picker.pick { policy.pick() }
            guard case .subchannel(_, let tracked?) = result else { return result }
            open.append(tracked)
            return result
        }

        func endCall(using generator: inout some RandomNumberGenerator) {
            guard let index = open.indices.randomElement(using: &generator) else { return }
            let status: StatusCode = Bool.random(using: &generator) ? .ok : .unavailable
            perform(policy.callEnded(open.remove(at: index), status, wasSent: Bool.random(using: &generator)))
        }

        /// One random event that a channel could report next.
        func step(using generator: inout some RandomNumberGenerator) {
            for _ in 0..<Int.random(in: 0...4, using: &generator) { endCall(using: &generator) }
            let roll = Int.random(in: 0..<10, using: &generator)
            switch roll {
            case 0: resolve((0..<Int.random(in: 0...4, using: &generator)).map { _ in server(using: &generator) })
            case 1: perform(policy.resolverFailed(refused))
            case 2: if state == .idle { perform(policy.exitIdle()) }
            case 3:
                guard let id = timers.sorted(by: { $0.rawValue < $1.rawValue }).randomElement(using: &generator)
                else { return }
                timers.remove(id)
                perform(policy.timerFired(id))
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

        /// With up to three addresses, of both families, some of which other servers claim too.
        private func server(using generator: inout some RandomNumberGenerator) -> Endpoint {
            let others = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
                Bool.random(using: &generator)
                    ? address(UInt32.random(in: 1...5, using: &generator))
                    : address6(UInt128.random(in: 1...3, using: &generator))
            }
            return Endpoint(address(UInt32.random(in: 1...5, using: &generator)), alternatives: others)
        }

        /// One address of the last set can be reached from now on; the policy must get to READY by itself.
        func recover(using generator: inout some RandomNumberGenerator) {
            if resolved.isEmpty { resolve([endpoint(1, address6(1)), endpoint(2)]) }
            let reachable = resolved.flatMap(\.addresses).randomElement(using: &generator)
            for _ in 0..<20 {
                if state == .idle { perform(policy.exitIdle()) }
                for (id, state) in states.sorted(by: { $0.key < $1.key }) {
                    switch state {
                    case .connecting:
                        change(id, to: addresses[id] == reachable ? .ready : .transientFailure(refused))
                    case .transientFailure: change(id, to: .idle)
                    case .idle, .ready: break
                    }
                }
            }
        }

        /// Nothing is left behind.
        func end() {
            while let call = open.popLast() { perform(policy.callEnded(call)) }
            perform(policy.shutdown())
            expect(states.isEmpty, "\(states.keys) are left")
            expect(timers.isEmpty, "\(timers) still run")
        }
    }

    @Test(arguments: Kind.allCases)
    func holdsItsInvariants(kind: Kind) throws {
        for seed in 0..<400 as Range<UInt64> {
            var generator = Seeded(state: seed)
            let model = Model(kind, seed: seed)
            for _ in 0..<120 {
                model.step(using: &generator)
                model.check()
                guard model.faults.isEmpty else { break }
            }
            if model.faults.isEmpty {
                model.recover(using: &generator)
                model.check()
                model.expect(model.state == .ready, "a server is up, and the channel is \(model.state)")
                model.end()
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
