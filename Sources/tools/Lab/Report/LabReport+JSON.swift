package import JSON

/// `report.json`: all of a report. What there is not is null: a figure that was not measured, a bound that does not exist.
/// The names of its members are a promise to those who compare runs; docs/lab-report.md lists them.
extension LabReport {
    /// By it a reader, and who is about to replace the folder, knows what this is.
    static let kind = "samplectl-lab-report"
    static let format: Int64 = 1

    package var json: JSONValue {
        [
            "kind": .string(LabReport.kind), "format": .number(.integer(LabReport.format)),
            "began": .string(began), "tookSeconds": .of(tookSeconds), "version": .string(version),
            "quick": .bool(isQuick),
            "place": .string(place), "machine": machine.json,
            "settings": .array(settings.map { ["name": .string($0.name), "value": .string($0.value)] }),
            "gated": .of(figures.count(where: \.isGated)), "misses": .of(misses.count),
            "modes": .array(modes.map(\.json)), "policies": .array(policies.map(\.json)),
        ]
    }
}

extension LabReport.Machine {
    fileprivate var json: JSONValue {
        [
            "processor": .string(processor), "processors": .of(processors), "memoryMiB": .of(memoryMiB),
            "system": .string(system),
        ]
    }
}

extension ModeReport {
    fileprivate var json: JSONValue {
        [
            "mode": .string(mode), "policy": .string(policy), "summary": .string(summary),
            "skipped": skipped.map { .string($0) } ?? .null,
            "leftOut": .array(leftOut.map { ["trial": .string($0.trial), "reason": .string($0.reason)] }),
            "figures": .array(figures.map(\.json)),
            "noticeSeconds": .array(noticeSeconds.map { .of($0) }), "latencies": .array(latencies.map(\.json)),
            "timeline": timeline.json,
        ]
    }
}

extension PolicyReport {
    fileprivate var json: JSONValue {
        [
            "policy": .string(policy), "figures": .array(figures.map(\.json)),
            "latencies": .array(latencies.map(\.json)),
        ]
    }
}

extension Figure {
    fileprivate var json: JSONValue {
        [
            "trial": .string(trial), "name": .string(name), "subject": .string(subject), "value": .of(value),
            "unit": .string(unit.rawValue), "expected": .of(prediction.expected),
            "atLeast": .of(prediction.bounds.lowerBound), "atMost": .of(prediction.bounds.upperBound),
            "because": .string(prediction.because), "gated": .bool(isGated), "holds": .bool(holds), "offBy": .of(offBy),
        ]
    }
}

extension LatencyCurve {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "calls": .of(calls),
            "points": .array(points.map { ["part": .of($0.part), "milliseconds": .of($0.milliseconds)] }),
        ]
    }
}

extension Timeline {
    fileprivate var json: JSONValue {
        [
            "stepSeconds": .of(stepSeconds),
            "pods": .array(pods.map { ["pod": .string($0.pod), "counts": .array($0.counts.map { .of($0) })] }),
            "failed": .array(failed.map { .of($0) }),
            "marks": .array(marks.map { ["second": .of($0.second), "text": .string($0.text)] }),
        ]
    }
}

extension JSONValue {
    fileprivate static func of(_ number: Int) -> JSONValue { .number(.integer(Int64(number))) }

    /// JSON has no infinity.
    fileprivate static func of(_ number: Double?) -> JSONValue {
        guard let number, number.isFinite else { return .null }
        return .number(.double(number))
    }
}
