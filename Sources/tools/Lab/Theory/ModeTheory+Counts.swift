import LocalCluster
import Timing

// MARK: Connections and look-ups

extension ModeTheory {
    /// nginx tells a client to go after so many calls (`keepalive_requests`).
    private static let nginxCalls = 1000
    /// Those that were made before the load began, and those under way when calls are counted.
    private static let nginxSlack = 50
    /// `max_connection_duration` in envoy.yaml.
    private static let envoyAge = Duration.seconds(30)

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
        let most = ((time.inSeconds + 1) / (0.9 * age)).rounded(.down) + (setup.isOlder ? 1 : 0)
        return least...max(least, most)
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
                + (setup.isOlder ? " more, however old it was before" : " before 1.8 × age"))
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
        let fresh = lookupsSinceStart(in: time, calls: calls)
        guard setup.isOlder else { return fresh }
        let least = source == .watched ? 0 : max(0, fresh.bounds.lowerBound - 1)
        return Prediction(within: least...fresh.bounds.upperBound, because: fresh.because + "; its start was before")
    }

    private func lookupsSinceStart(in time: Duration, calls: Int) -> Prediction {
        switch (source, hasProxy) {
        case (.watched, _) where setup.mode == .consul: return longPolls(in: time)
        case (.watched, _):
            return Prediction(expected: 1, within: 1...1, because: "it asks once, and is told of changes")
        case (_, true) where setup.mode == .envoySidecar:
            return Prediction(expected: 0, within: 0...0, because: "its target is the sidecar's address, not a name")
        case (_, true) where setup.mode == .nginx:
            let (fewest, most) = (max(0, calls - ModeTheory.nginxSlack), calls + ModeTheory.nginxSlack)
            // It asks no more often than that, whatever ends.
            let answered = setup.dnsInterval > .zero ? Int(time.inSeconds / setup.dnsInterval.inSeconds) : .max
            let isOften = answered > most / ModeTheory.nginxCalls + 1
            return Prediction(
                expected: isOften ? Double(1 + calls / ModeTheory.nginxCalls) : nil,
                within: Double(
                    isOften ? 1 + fewest / ModeTheory.nginxCalls : 1)...Double(1 + most / ModeTheory.nginxCalls),
                because: "once at the start, and when nginx ends its connection, which it does after"
                    + " \(ModeTheory.nginxCalls) calls; \(calls) were made"
                    + (isOften ? "" : "; \(DurationText.format(setup.dnsInterval)) apart at least"))
        case (_, true):
            let ends = Int(time.inSeconds / ModeTheory.envoyAge.inSeconds)
            return Prediction(
                expected: 1, within: 1...Double(1 + ends),
                because: "once at the start, and when Envoy ends its connection, after"
                    + " \(DurationText.format(ModeTheory.envoyAge)) (max_connection_duration)")
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
                because: gatewayConnections == 1
                    ? "once at the start, and when its connection ends"
                    : "once at the start; then when connections end, which \(gatewayConnections) do within 0.2 × age +"
                        + " \(DurationText.format(ModeTheory.moment)) of each other, and"
                        + " \(DurationText.format(interval)) apart at least: for each age 1 to \(Int(most)), by how these"
                        + " ends fall")
        }
    }

    /// Pods that can have served while the gateway made `connections` more.
    package func podsServing(connections: Int) -> Prediction {
        Prediction(
            within: 1...Double(1 + connections),
            because: "one for a connection, and \(connections) began meanwhile")
    }
}

// MARK: Costs

extension ModeTheory {
    /// What a figure of a part's CPU time is called, and what is to be said of it.
    package func cost(of part: String) -> (name: String, because: String) {
        let usual = "CPU time for a call, of this machine"
        guard part == "nginx" else { return (part, usual) }
        guard setup.mode == .nginx else { return ("nginx (entry)", usual) }
        return (
            "nginx (entry and proxy)",
            usual
                + ". One process is both, the entry that the client calls and the proxy that the gateway calls, and the"
                + " kernel counts by process: the entry's part alone is what another mode has as nginx (entry)"
        )
    }
}
