import LocalCluster
import Timing

// MARK: Connections and look-ups

extension ModeTheory {
    /// nginx tells a client to go after so many calls (`keepalive_requests`).
    private static let nginxCalls = 1000

    /// Those of the grpc pods at some moment, at which `calls` were under way.
    package func podConnections(calls: Int) -> Prediction {
        let pods = Double(setup.pods)
        switch (choice, hasProxy) {
        case (.perConnection, _):
            return Prediction(expected: 1, within: 1...1, because: "the gateway has one, and kube-proxy passes it on")
        case (.atRandom, _):
            return Prediction(
                within: 0...max(pods, Double(calls)),
                because: "nginx has a connection for a call, as long as it is under way, and \(calls) were")
        case (.inTurn, true):
            return Prediction(
                within: pods...(2 * pods),
                because:
                    "the proxy has one to each for calls, and one for health checks, which is made anew with the first"
                    + " check after its end")
        case (.inTurn, false):
            return Prediction(expected: pods, within: pods...pods, because: "the client has one to each pod")
        }
    }

    /// How often a connection has reached its age in this time: it is the age ± 10 %. It may be a second older than the
    /// trials.
    private func ages(in time: Duration) -> ClosedRange<Double> {
        guard let age = setup.connectionAge?.inSeconds else { return 0...0 }
        let least = (time.inSeconds / (1.1 * age + ModeTheory.moment.inSeconds)).rounded(.down)
        return least...max(least, ((time.inSeconds + 1) / (0.9 * age)).rounded(.down))
    }

    /// By the pods' connection age, among those of the gateway, since the start.
    package func connectionsEnded(in time: Duration) -> Prediction {
        guard !hasProxy else {
            return Prediction(
                expected: 0, within: 0...0,
                because: "they end at the proxy, whose connections to the pods it is that age")
        }
        let ages = ages(in: time)
        let count = Double(gatewayConnections)
        return Prediction(
            expected: count * ages.lowerBound, within: (count * ages.lowerBound)...(count * ages.upperBound),
            because:
                "each reaches age ± 10 %: once in 1.1 × age + \(DurationText.format(ModeTheory.moment)), and not twice"
                + " before 1.8 × age")
    }

    /// nil where none ends by age.
    package var ageAtEnd: Prediction? {
        guard !hasProxy, let age = setup.connectionAge?.inSeconds else { return nil }
        return Prediction(
            expected: age, within: (0.9 * age - 0.1)...(1.1 * age + ModeTheory.moment.inSeconds),
            because: "age ± 10 % (gRFC A9's jitter), and what a busy machine takes")
    }

    /// Of the gateway's target, since the start.
    package func lookups(in time: Duration, calls: Int) -> Prediction {
        switch (source, hasProxy) {
        case (.watched, _) where setup.mode == .consul:
            return Prediction(
                expected: 2, within: 2...3,
                because: "each answer is followed by a question that waits for the next change")
        case (.watched, _):
            return Prediction(expected: 1, within: 1...1, because: "it asks once, and is told of changes")
        case (_, true) where setup.mode == .envoySidecar:
            return Prediction(expected: 0, within: 0...0, because: "its target is the sidecar's address, not a name")
        case (_, true):
            let ends = setup.mode == .nginx ? calls / ModeTheory.nginxCalls : 0
            return Prediction(
                expected: Double(1 + ends), within: 1...Double(2 + ends),
                because: "once at the start, and when the proxy ends its connection"
                    + (ends > 0 ? " (nginx: after \(ModeTheory.nginxCalls) calls)" : ""))
        case (.lookedUpAtLoss(let interval), false), (.lookedUpEvery(let interval), false):
            guard let age = setup.connectionAge else {
                return Prediction(expected: 1, within: 1...1, because: "no connection ends, so it never asks again")
            }
            // They end between 0.9 and 1.1 of the age.
            let spread = age.inSeconds * 0.2 + ModeTheory.moment.inSeconds
            let most = min(Double(gatewayConnections), (spread / max(interval.inSeconds, 0.001)).rounded(.up) + 1)
            let ages = ages(in: time)
            return Prediction(
                within: (1 + ages.lowerBound)...(1 + ages.upperBound * most),
                because: "once at the start; then when connections end, within 0.2 × age of each other, and"
                    + " \(DurationText.format(interval)) apart at least")
        }
    }

    /// Pods that can have served while the gateway made `connections` more.
    package func podsServing(connections: Int) -> Prediction {
        Prediction(
            within: 1...Double(1 + connections),
            because: "one for a connection, and \(connections) began meanwhile")
    }
}

// MARK: DNS

extension ModeTheory {
    /// Of the DNS server, by all who ask it in this time, which begins `after` the start. Nobody else asks: the gateway
    /// knows registries and the sidecar by address, and pods do not come or go.
    package func dnsQueries(in time: Duration, after start: Duration, calls: Int) -> Prediction {
        var bounds = asked(each: .seconds(nginxSeconds), and: .seconds(nginxSeconds + 1), in: time)
        var because = "nginx asks for the gateway each \(nginxSeconds) to \(nginxSeconds + 1) s"
        if setup.mode == .nginx {
            bounds = (2 * bounds.lowerBound)...(2 * bounds.upperBound)
            because += ", and for the pods"
        } else if hasProxy, case .lookedUpEvery(let interval) = source {
            let envoy = asked(each: interval, and: interval * 3 / 2, in: time)
            bounds = (bounds.lowerBound + envoy.lowerBound)...(bounds.upperBound + envoy.upperBound)
            because += "; Envoy for the pods each \(DurationText.format(interval))"
        }
        let lookups = lookups(in: start + time, calls: calls).bounds
        // The first was before.
        if source != .watched, lookups.upperBound > 1 {
            let least = hasProxy ? 0 : 2 * (lookups.lowerBound - 1)
            bounds = (bounds.lowerBound + least)...(bounds.upperBound + 2 * (lookups.upperBound - 1))
            because += "; the gateway for A and AAAA at each look-up"
        }
        return Prediction(within: bounds, because: because)
    }

    /// `valid=` of nginx's resolver.
    private var nginxSeconds: Int64 { LocalSystems.options(setup, port: 1).nginxResolverSeconds }

    /// One more or less by where the time begins and ends.
    private func asked(each shortest: Duration, and longest: Duration, in time: Duration) -> ClosedRange<Double> {
        let fewest = (time.inSeconds / longest.inSeconds).rounded(.down) - 1
        let most = (time.inSeconds / shortest.inSeconds).rounded(.up) + 1
        return max(0, fewest)...most
    }
}
