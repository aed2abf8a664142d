import Events
import LoadBalancing
import RPCCore

/// Runs a channel's policy: gives it one input at a time, keeps its timers, and has the rest of its commands carried out.
/// Loop thread only.
final class PolicyRunner {
    typealias Input = (inout any LoadBalancingPolicy, inout ChannelControlHelper) -> Void

    private(set) var policy: any LoadBalancingPolicy
    /// As it was before its first input.
    private let unused: any LoadBalancingPolicy
    /// Counts the policies that there have been: a new one is not told of the old one's calls.
    private(set) var number = 0
    /// Why subchannels go that the policy gives back just now; nil: their addresses are no longer wanted.
    private(set) var reason: String?
    private let loop: EventLoop
    /// All but timers.
    var perform: (PolicyCommand) -> Void = { _ in }
    private var inputs: [Input] = []
    private var helper = ChannelControlHelper()
    private var isFeeding = false
    private var isLeavingIdle = false
    private var timers: [TimerID: Timer] = [:]
    private var isOver = false
    /// Of the channel, as the policy has said it last.
    private var state = ConnectivityState.idle
    /// The policy is one between two.
    private var isSwitching = false
    private var hasSwitched = false
    /// One policy has taken another's place without a gap.
    var switched: () -> Void = {}

    init(_ policy: any LoadBalancingPolicy, on loop: EventLoop) {
        self.policy = policy
        unused = policy
        self.loop = loop
    }

    // MARK: Calls

    func pick(_ info: PickInfo) -> PickResult { policy.pick(info, at: loop.now) }

    /// Tells the policy of a call that it wanted to hear of. This happens for each call, so it allocates nothing, unless
    /// the policy is at another input.
    func callEnded(_ call: TrackedCall, of number: Int, _ outcome: CallOutcome) {
        if isFeeding {
            return feed { if number == self.number { $0.callEnded(call, outcome, &$1) } }
        }
        guard number == self.number, !isOver else { return }
        isFeeding = true
        helper.now = loop.now
        policy.callEnded(call, outcome, &helper)
        if isSwitching { look() }
        carryOut()
    }

    // MARK: Inputs

    /// Carrying out the commands of an input may already bring the next one. What comes after the end changes nothing.
    func feed(_ input: @escaping Input) {
        if isOver { return }
        inputs.append(input)
        guard !isFeeding else { return }
        isFeeding = true
        carryOut()
    }

    /// What the policy has asked for, and then the inputs that have come meanwhile.
    private func carryOut() {
        // By place: what is taken from the front of an array is paid for by everything behind it.
        var next = 0
        while true {
            if !helper.isEmpty { for command in helper.takeCommands() where !isOver { carryOut(command) } }
            reason = nil
            if hasSwitched {
                hasSwitched = false
                switched()
            }
            guard next < inputs.count else { break }
            helper.now = loop.now
            inputs[next](&policy, &helper)
            next += 1
            if isSwitching { look() }
        }
        if next > 0 { inputs = [] }
        isFeeding = false
    }

    private func carryOut(_ command: PolicyCommand) {
        switch command {
        case .startTimer(let id, let delay):
            let timer = Timer(on: loop) { [weak self] in self?.timerFired(id) }
            timer.schedule(after: delay)
            timers[id] = timer
        case .stopTimer(let id): timers.removeValue(forKey: id)?.cancel()
        case .update(let state, _):
            self.state = state
            perform(command)
        case .create, .connect, .remove, .resolveAgain: perform(command)
        }
    }

    private func timerFired(_ id: TimerID) {
        timers[id] = nil
        feed { $0.timerFired(id, &$1) }
    }

    /// A call wants a connection. Every call that waits would ask for it, and each time all of them be looked at again: so
    /// once, for all that ask before the policy has heard.
    func exitIdle() {
        guard !isLeavingIdle else { return }
        isLeavingIdle = true
        feed {
            self.isLeavingIdle = false
            $0.exitIdle(&$1)
        }
    }

    // MARK: Another policy

    /// Goes over to another policy. One that is READY serves until the new one has connected; else there is nothing to
    /// be kept.
    func change(to wanted: LoadBalancingConfiguration) {
        feed { policy, helper in
            if var current = policy as? any PolicySwitch {
                current.giveUpSuccessor(&helper)
                policy = current.predecessor
            }
            let new = wanted.makePolicy(seed: .random(in: 0 ... .max))
            self.isSwitching = self.state == .ready
            if self.isSwitching {
                policy = new.following(policy)
            } else {
                policy.shutdown(&helper)
                self.hasFollowed()
                policy = new
                helper.update(.connecting, .queue)
            }
        }
    }

    private func look() {
        guard let successor = (policy as? any PolicySwitch)?.successor else { return }
        isSwitching = false
        policy = successor
        hasFollowed()
        hasSwitched = true
    }

    private func hasFollowed() {
        number += 1
        reason = "another policy is in force"
    }

    /// Whether one serves until another has connected.
    var isBetween: Bool { policy is any PolicySwitch }

    /// Of the policy that serves; while there are two of the one that is to.
    var name: (serving: String, wanted: String) {
        let wanted = type(of: policy).name
        return ((policy as? any PolicySwitch).map { type(of: $0.predecessor).name } ?? wanted, wanted)
    }

    /// Drops the policy, and what it has made, for one that nothing has happened to: as it was at the beginning.
    func startOver(because reason: String) {
        feed { policy, helper in
            self.number += 1
            self.reason = reason
            policy.shutdown(&helper)
            policy = self.unused
            self.isSwitching = false
            helper.update(.idle, .idle)
        }
    }

    func shutdown() {
        isOver = true
        for timer in timers.values { timer.cancel() }
        timers = [:]
    }
}
