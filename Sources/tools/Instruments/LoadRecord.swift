import Terminal
package import Timing

/// What became of the calls that a load generator made.
package struct LoadRecord: Equatable, Sendable {
    package enum Outcome: Equatable, Sendable {
        /// HTTP status 200, and the name of the grpc pod.
        case served(by: String)
        /// The HTTP status with the gateway's message, or why there is none.
        case failed(String)
    }

    package struct Call: Equatable, Sendable {
        /// When it was its turn, by the generator's rate.
        package let due: Instant
        package let began: Instant
        package let ended: Instant
        package let outcome: Outcome

        /// Without `due`, it was its turn when it began.
        package init(due: Instant? = nil, began: Instant, ended: Instant, outcome: Outcome) {
            self.due = due ?? began
            self.began = began
            self.ended = ended
            self.outcome = outcome
        }

        /// What a caller would have waited who came when it was the call's turn: a generator that comes late, because the
        /// machine or the service stalls, spares nobody (coordinated omission).
        package var latency: Duration { ended - due }

        package var pod: String? {
            switch outcome {
            case .served(let pod): pod
            case .failed: nil
            }
        }

        package var failure: String? {
            switch outcome {
            case .served: nil
            case .failed(let message): message
            }
        }
    }

    /// In the order in which they ended.
    package private(set) var calls: [Call] = []

    package init(_ calls: some Sequence<Call> = []) { self.calls = Array(calls) }

    package mutating func add(_ call: Call) { calls.append(call) }

    package var failures: [Call] { calls.filter { $0.failure != nil } }

    /// When the pod's first answer at or after `since` arrived. (The call reached it a little earlier: an answer's time
    /// says nothing too favourable.)
    package func firstAnswer(of pod: String, since: Instant) -> Instant? {
        calls[place(of: since)...].first { $0.pod == pod }?.ended
    }

    /// The calls that ended at or after `since`.
    package func answers(since: Instant) -> LoadRecord { LoadRecord(calls[place(of: since)...]) }

    /// Of the first that ended then or later: they stand in the order in which they ended.
    private func place(of time: Instant) -> Int {
        var (low, high) = (0, calls.count)
        while low < high {
            let middle = (low + high) / 2
            if calls[middle].ended < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    package func lastAnswer(of pod: String) -> Instant? { calls.last { $0.pod == pod }?.ended }

    /// Calls that began at or after `since`, by pod.
    package func distribution(since: Instant) -> Distribution { distribution { $0.began >= since } }

    /// All calls, by pod.
    package var distribution: Distribution { distribution { _ in true } }

    private func distribution(where isCounted: (Call) -> Bool) -> Distribution {
        var distribution = Distribution()
        for call in calls where isCounted(call) {
            switch call.outcome {
            case .served(let pod): distribution.add(.success(pod))
            case .failed(let message): distribution.add(.failure(Failure(message)))
            }
        }
        return distribution
    }

    /// Calls that were under way at any moment between the two.
    package func underWay(from start: Instant, to end: Instant) -> Int {
        calls.count { $0.began <= end && $0.ended >= start }
    }

    /// The calls whose turn was at or after `start`, and before `end`.
    package func due(from start: Instant, to end: Instant) -> LoadRecord {
        var part = LoadRecord()
        part.calls = calls.filter { $0.due >= start && $0.due < end }
        return part
    }

    /// The latency that the given part of the calls (0…1) did not exceed; nil without calls.
    package func latency(percentile: Double) -> Duration? {
        let durations = calls.map(\.latency).sorted()
        guard !durations.isEmpty else { return nil }
        return durations[min(durations.count - 1, Int(Double(durations.count) * percentile))]
    }

    package var noneFailed: Verdict {
        let failures = failures
        return Verdict("none of \(calls.count) calls fails", holds: failures.isEmpty && !calls.isEmpty) {
            guard let first = failures.first?.failure else { return "there were none" }
            return "\(failures.count) failed: \(first)"
        }
    }
}

extension LoadRecord {
    /// One line for the audience.
    package var summary: String {
        let figures = [("median", 0.5), ("99 %", 0.99), ("slowest", 1)].compactMap { name, part in
            latency(percentile: part).map { "\(name) \(LoadRecord.milliseconds($0))" }
        }
        return "\(calls.count) calls, \(failures.count) failed; \(figures.joined(separator: ", "))"
    }

    /// 0 without calls.
    package func milliseconds(percentile: Double) -> Double {
        Double(latency(percentile: percentile)?.nanoseconds ?? 0) / 1_000_000
    }

    package var failedShare: String { "\(failures.count) of \(calls.count)" }

    private static func milliseconds(_ duration: Duration) -> String {
        let tenths = (duration.nanoseconds + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) ms"
    }
}
