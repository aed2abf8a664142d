import LocalCluster
import Timing

/// What a registry has been asked since its start, as it counts itself.
package struct RegistryRequests: Equatable, Sendable {
    /// For all pods that it has: a list, a Range, a query of the health endpoint.
    package var reads: Int
    /// nil: the registry has none, and reads wait for changes.
    package var watches: Int?
    /// Pods that entered themselves; nil: they do not.
    package var entries: Int?
    /// nil: entries have no time to live.
    package var renewals: Int?

    package init(reads: Int, watches: Int? = nil, entries: Int? = nil, renewals: Int? = nil) {
        self.reads = reads
        self.watches = watches
        self.entries = entries
        self.renewals = renewals
    }
}

extension ModeTheory {
    package struct RegistryFigure: Equatable, Sendable {
        package let name: String
        package let count: Int
    }

    /// `REGISTRY_TTL` of the grpc pods, which renew at a third of it.
    private static let renewalInterval = Duration.seconds(10) / 3

    /// Between two readings, `time` apart, of which the second was that long after the load began. Reads, watches and
    /// entries since the registry's start.
    package func registry(
        _ before: RegistryRequests, _ after: RegistryRequests, in time: Duration, since start: Duration
    ) -> [(figure: RegistryFigure, prediction: Prediction)] {
        var figures: [(RegistryFigure, Prediction)] = []
        func add(_ name: String, _ count: Int, _ prediction: Prediction) {
            figures.append((RegistryFigure(name: "registry: \(name)", count: count), prediction))
        }
        func exactly(_ count: Int, _ because: String) -> Prediction {
            Prediction(expected: Double(count), within: Double(count)...Double(count), because: because)
        }
        let pods = setup.pods
        if let watches = after.watches {
            add("reads of all pods", after.reads, exactly(1, "the gateway's, once, at its start"))
            add("watches opened", watches, exactly(1, "the gateway's; it lasts, and every change comes by it"))
        } else {
            add("queries for all pods answered", after.reads, answeredPolls(in: start))
        }
        if let entries = after.entries {
            add(
                "entries made", entries,
                setup.mode == .consul ? firstEntries : exactly(pods, "each pod enters itself once"))
        }
        if let renewed = after.renewals, let had = before.renewals {
            add("renewals in \(FigureText.value(time.inSeconds, .seconds))", max(0, renewed - had), renewals(in: time))
        }
        return figures
    }

    /// Consul's: without an index, then with one, which waits until something changes.
    func longPolls(in time: Duration) -> Prediction {
        let ends = Int(time.inSeconds / ModeTheory.longPoll.inSeconds)
        return Prediction(
            expected: Double(2 + ends), within: 2...Double(3 + ends),
            because: "each answer is followed by a question that waits for the next change, or"
                + " \(DurationText.format(ModeTheory.longPoll)) (a long poll); one more where a pod entered itself after"
                + " the first")
    }

    /// Consul may lose count of those that come first and at the same time, each of which finds no counter yet and makes one: of
    /// 105 kinds of requests that came five at once, 20 were counted short.
    private var firstEntries: Prediction {
        Prediction(
            expected: Double(setup.pods), within: 1...Double(setup.pods),
            because: "each pod enters itself once; Consul loses count of first requests that come at the same time")
    }

    /// All but the one that waits.
    private func answeredPolls(in time: Duration) -> Prediction {
        let sent = longPolls(in: time)
        return Prediction(
            expected: sent.expected.map { $0 - 1 }, within: (sent.bounds.lowerBound - 1)...(sent.bounds.upperBound - 1),
            because: "the gateway's look-ups but for the last one, which waits for a change or"
                + " \(DurationText.format(ModeTheory.longPoll))")
    }

    /// `wait=` of the gateway's.
    private static let longPoll = Duration.seconds(30)

    private func renewals(in time: Duration) -> Prediction {
        let interval = ModeTheory.renewalInterval.inSeconds
        let fewest = max(0, ((time.inSeconds - ModeTheory.moment.inSeconds) / interval).rounded(.down))
        let most = (time.inSeconds / interval).rounded(.down) + 1
        return Prediction(
            within: Double(setup.pods) * fewest...Double(setup.pods) * most,
            because: "each of \(setup.pods) pods renews its entry at a third of its 10 s:"
                + " \(Int(fewest)) to \(Int(most)) times, \(DurationText.format(ModeTheory.moment)) of it for a machine"
                + " that stalls")
    }
}
