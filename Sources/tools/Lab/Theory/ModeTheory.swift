import LoadBalancing
import LocalCluster
import Timing

/// What must be seen of a mode: it follows from who chooses a pod, when, and how that one hears of pods. It is the mode's
/// own policy that is meant: where another one was chosen, this is what it misses.
package struct ModeTheory: Equatable, Sendable {
    package enum Choice: Equatable, Sendable {
        /// kube-proxy: once for a connection.
        case perConnection
        /// The client or a proxy: each call goes to the next pod.
        case inTurn
        /// A proxy: each call goes to any pod.
        case atRandom
    }

    package enum Source: Equatable, Sendable {
        /// The client asks when it loses a connection, and no sooner after the last time than this.
        case lookedUpAtLoss(Duration)
        /// A proxy asks that often.
        case lookedUpEvery(Duration)
        /// A registry tells.
        case watched
    }

    /// What a machine that is busy with something else needs to start a connection, or to answer: programs were being
    /// compiled beside it where this was measured. On one with nothing else to do it is some milliseconds.
    package static let moment = Duration.seconds(2)

    package let setup: TrialSetup
    package let choice: Choice
    package let source: Source
    /// How long a pod that is told to end still serves.
    package let shutdownDelay: Duration

    package init(_ setup: TrialSetup) {
        self.setup = setup
        let options = LocalSystems.options(setup, port: 1)
        shutdownDelay = setup.shutdownDelay ?? options.grpcShutdownDelay
        let interval = setup.mode.dnsInterval.map { setup.lookupInterval ?? $0(options) }
        switch (setup.mode.defaultPolicy == .pickFirst, interval) {
        case (true, nil):
            choice = .perConnection
            source = .lookedUpAtLoss(setup.dnsInterval)
        case (true, let interval?):
            choice = setup.mode == .nginx ? .atRandom : .inTurn
            source = .lookedUpEvery(interval)
        case (false, nil):
            choice = .inTurn
            source = .watched
        case (false, let interval?):
            choice = .inTurn
            source = .lookedUpAtLoss(interval)
        }
    }

    /// Something stands between the gateway and the pods, and takes one connection of the gateway's.
    package var hasProxy: Bool {
        if case .lookedUpEvery = source { return true }
        return false
    }

    /// Of the gateway's channel.
    package var gatewayConnections: Int { choice == .perConnection || hasProxy ? 1 : setup.pods }
}

// MARK: Who gets the calls

extension ModeTheory {
    /// `connections`: those that began meanwhile. Then more than one pod may have served, and turns have begun anew.
    package func busiestShare(calls: Int, connections: Int = 0) -> Prediction {
        let even = 100 / Double(setup.pods)
        switch choice {
        case .perConnection where connections > 0:
            return Prediction(
                within: max(even, 100 / Double(1 + connections))...100,
                because: "kube-proxy picks a pod for a connection, and \(connections) began meanwhile")
        case .perConnection:
            return Prediction(
                expected: 100, within: 100...100,
                because: "kube-proxy picks a pod for a connection, and all calls are on one")
        case .inTurn:
            return Prediction(
                expected: even, within: even...(even + turns(connections)),
                because: "each call goes to the next pod; 1 point for turns that begin anew with a new list")
        case .atRandom:
            return Prediction(
                within: even...Chance.share(ofOneIn: setup.pods, calls: calls).upperBound,
                because: "each call goes to any pod: 1/n + 4 √(1/n (1 − 1/n) ÷ calls)")
        }
    }

    /// Points of percent.
    private func turns(_ connections: Int) -> Double { 1 + 0.4 * Double(connections) }

    package func idlestShare(calls: Int, connections: Int = 0) -> Prediction {
        let even = 100 / Double(setup.pods)
        switch choice {
        case .perConnection:
            // Two connections can be to two pods: of five, three are idle.
            return Prediction(
                expected: 0, within: 0...(1 + connections < setup.pods ? 0 : even),
                because: "the other pods have no connection")
        case .inTurn:
            return Prediction(
                expected: even, within: max(0, even - turns(connections))...even,
                because: "each call goes to the next pod; 1 point for turns that begin anew with a new list")
        case .atRandom:
            return Prediction(
                within: Chance.share(ofOneIn: setup.pods, calls: calls).lowerBound...even,
                because: "each call goes to any pod: 1/n − 4 √(1/n (1 − 1/n) ÷ calls)")
        }
    }

    package func fairness(calls: Int, connections: Int = 0) -> Prediction {
        let least = 1 / Double(setup.pods)
        switch choice {
        case .perConnection:
            return Prediction(
                expected: connections == 0 ? least : nil,
                within: (least - 0.001)...(min(1, least * Double(1 + connections)) + 0.001),
                because: connections == 0 ? "one of n serves all: 1/n" : "\(1 + connections) of n at most serve all")
        case .inTurn:
            let point = turns(connections) / 100
            return Prediction(
                expected: 1, within: (1 - max(0.005, Double(setup.pods * setup.pods) * point * point))...1,
                because: "all serve the same")
        case .atRandom:
            return Prediction(
                within: Chance.leastFairness(of: setup.pods, calls: calls)...1,
                because: "1 ÷ (1 + χ² ÷ calls), χ² of n − 1 degrees of freedom, exceeded once in 10 000 times")
        }
    }

    /// Of the calls while one pod waits before each answer; nil: theory cannot say, since connections end meanwhile.
    package func slowPodShare(calls: Int) -> Prediction? {
        let even = 100 / Double(setup.pods)
        switch choice {
        case .perConnection: return nil
        case .inTurn:
            return Prediction(
                expected: even, within: (even - 2)...(even + 2),
                because:
                    "each call goes to the next pod, whatever it takes; 2 points for connections that end meanwhile")
        case .atRandom:
            return Prediction(
                expected: even, within: Chance.share(ofOneIn: setup.pods, calls: calls),
                because: "each call goes to any pod, whatever it takes: 1/n ± 4 √(1/n (1 − 1/n) ÷ calls)")
        }
    }

    /// How many pods calls can have gone to while the gateway made `connections` more.
    package func podsReached(connections: Int) -> Prediction {
        Prediction(
            within: 0...Double(connections),
            because: "only a new connection can meet another pod, and \(connections) began: 1 − (1 − 1/n)^g of the pods"
        )
    }
}

// MARK: When

extension ModeTheory {
    /// From a new pod's readiness to its first call; nil: it may never get one.
    package var noticeLimit: Duration? {
        let least = ModeTheory.moment + setup.clock
        return switch (choice, source) {
        case (.perConnection, _): nil
        case (_, .lookedUpAtLoss(let interval)):
            setup.connectionAge.map { $0 * 11 / 10 + interval + setup.dnsCache + least }
        case (_, .lookedUpEvery(let interval)): interval + setup.dnsCache + least
        case (_, .watched): least
        }
    }

    package var notice: Prediction? {
        guard let noticeLimit else { return nil }
        let clock =
            setup.clock > .zero ? " + \(DurationText.format(setup.clock)), as readiness is told in whole ones" : ""
        let moment = "\(DurationText.format(ModeTheory.moment)) to connect\(clock)"
        let cache = setup.dnsCache > .zero ? " + what a cache keeps" : ""
        let because =
            switch source {
            case .lookedUpAtLoss: "1.1 × connection age + time between look-ups\(cache) + \(moment)"
            case .lookedUpEvery: "the proxy's time between look-ups\(cache) + \(moment)"
            case .watched: "the source tells of every change at once; \(moment)"
            }
        return Prediction(within: 0...noticeLimit.inSeconds, because: because)
    }

    /// From the order to end a pod to its last call.
    package var leave: Prediction {
        let moment = "\(DurationText.format(ModeTheory.moment)) on a busy machine"
        let (limit, because): (Duration, String) =
            switch source {
            case .watched: (.zero, "the source tells at once")
            case .lookedUpEvery(let interval) where interval + setup.dnsCache < shutdownDelay:
                (interval + setup.dnsCache, "the proxy's time between look-ups")
            case .lookedUpAtLoss, .lookedUpEvery:
                (shutdownDelay, "it serves for \(DurationText.format(shutdownDelay)) more, and says goodbye (GOAWAY)")
            }
        return Prediction(within: 0...(limit + ModeTheory.moment).inSeconds, because: "\(because) + \(moment)")
    }
}

// MARK: Failures

extension ModeTheory {
    package static func noFailure(_ because: String) -> Prediction {
        Prediction(expected: 0, within: 0...0, because: because)
    }
}
