import Lab

/// A report with what a run may come to at worst, written by hand.
enum SampleReport {
    static let awkwardName = #"a<b>&"c"|*d*_e_`f`"#

    static func empty() -> LabReport {
        LabReport(
            began: "2026-11-22T09:00:00Z", version: "0.17.0", isQuick: false, place: "this machine",
            machine: LabReport.Machine(
                processor: "Intel(R) Xeon(R) <Processor> @ 2.20GHz", processors: 2, memoryMiB: 7950,
                system: "Linux 6.1 & more"),
            settings: [.init("--max-connection-age", "10s"), .init("--dns-interval", "2s")])
    }

    static func awkward() -> LabReport {
        var report = empty()
        report.tookSeconds = 1099.6
        report.modes = [clusterIP(), headless(), skipped(), nobody(), oddlyNamed()]
        var policy = PolicyReport(policy: "peak_ewma")
        policy.figures = [figure("slow pod", "slow pod's share", "peak_ewma", 0.2, .percent, 0...1)]
        policy.latencies = [curve("undisturbed", [1.2, 3.9]), curve("one slow pod", [1.2, 4.4])]
        report.policies = [policy]
        return report
    }

    static func clusterIP() -> ModeReport {
        var mode = ModeReport(mode: "clusterip", policy: "pick_first")
        mode.summary = "one virtual address, a pod is chosen per connection"
        mode.figures = [
            figure("spread", "idlest pod's share", "clusterip", 0, .percent, 0...0, expected: 0),
            figure("spread", "busiest pod's share", "clusterip", 100, .percent, 100...100, expected: 100),
            figure("scale-out", "failed calls", "clusterip", 0, .count, 0...0),
            figure("age", "longest that a call waited", "clusterip", nil, .seconds, 0...5),
        ]
        mode.leftOut = [LeftOut("slow pod", because: "TROUBLE is off")]
        mode.noticeSeconds = [nil, nil, 14.25, nil, nil]
        mode.timeline.pods = [Timeline.Series(pod: "sample-service-grpc-7c9d-aaaaa", counts: [100, 0, 100, 100])]
        mode.timeline.failed = [0, 0, 3, 0]
        return mode
    }

    static func headless() -> ModeReport {
        var mode = ModeReport(mode: "headless", policy: "round_robin")
        mode.summary = "DNS names every pod, the client chooses per call"
        let because = "1.1 × connection age + time between look-ups + a moment"
        mode.figures = [
            figure("spread", "idlest pod's share", "headless", 20, .percent, 19.6...20.4, expected: 20),
            figure("spread", "busiest pod's share", "headless", 20, .percent, 19.6...20.4, expected: 20),
            figure("scale-out", "slowest new pod's first call", "headless", 15.2, .seconds, 0...14.2, because: because),
            figure("scale-out", "failed calls", "headless", 0, .count, 0...0),
            figure("restart", "failed calls", "headless", 12_345, .count, 0...0),
            figure("kill", "failed calls of those under way", "headless", 10, .count, 6...14, expected: 10),
            figure("cost", "gateway", "headless", 210.4, .microseconds, Prediction.anything, gated: false),
            figure("cost", "grpc", "headless", 95, .microseconds, Prediction.anything, gated: false),
            figure("cost", "median", "headless", 0.612, .milliseconds, Prediction.anything, gated: false),
        ]
        mode.noticeSeconds = [3.1, 15.2, 9.8, 4, 0]
        mode.latencies = [curve("undisturbed", [0.6, 3.9]), curve("one slow pod", [0.7, 201.8])]
        mode.timeline = timeline(pods: 10, marks: 12)
        return mode
    }

    static func skipped() -> ModeReport {
        var mode = ModeReport(mode: "consul", policy: "round_robin")
        mode.summary = "pods enter themselves in Consul"
        mode.skipped = "consul is not there; scripts/get-consul brings it"
        return mode
    }

    /// It began, and nothing came of it.
    static func nobody() -> ModeReport {
        var mode = ModeReport(mode: "nginx", policy: "pick_first")
        mode.latencies = [LatencyCurve(name: "undisturbed", calls: 0, points: [])]
        mode.figures = [figure("kill", "failed calls", "nginx", nil, .count, 0...1, because: "one that was under way")]
        mode.timeline.failed = [0, 0]
        return mode
    }

    static func oddlyNamed() -> ModeReport {
        var mode = ModeReport(mode: awkwardName, policy: awkwardName)
        mode.summary = awkwardName
        mode.figures = [
            figure(awkwardName, awkwardName, awkwardName, -.infinity, .ratio, 0.99...1, because: "\u{1}\n\u{202e}")
        ]
        mode.timeline = timeline(pods: 20, marks: 3)
        mode.timeline.marks.append(Timeline.Mark(String(repeating: awkwardName, count: 9), at: 4))
        mode.latencies = [curve(awkwardName, [0, 1e9]), curve("negative", [-1, 3])]
        mode.noticeSeconds = Array(repeating: 0.03, count: 20)
        return mode
    }

    static func timeline(pods: Int, marks: Int) -> Timeline {
        var timeline = Timeline()
        timeline.pods = (0..<pods).map { pod in
            Timeline.Series(
                pod: "sample-service-grpc-5f4-\(pod < 10 ? "p000" : "q00")\(pod)",
                counts: (0..<160).map { $0 % 40 == 39 ? 0 : $0 < pod * 4 ? 0 : 100 / pods })
        }
        timeline.failed = (0..<160).map { $0 == 80 ? 7 : 0 }
        let texts = ["5 → 10", "10 are ready", "10 → 5", "rolling restart", "all are new", "kill -9"]
        timeline.marks = (0..<marks).map { Timeline.Mark(texts[$0 % texts.count], at: 3 + Double($0 * $0) * 0.52) }
        return timeline
    }

    static func curve(_ name: String, _ ends: [Double]) -> LatencyCurve {
        let parts = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 1]
        return LatencyCurve(
            name: name, calls: 5000,
            points: parts.enumerated().map { index, part in
                .init(part, index < 6 ? ends[0] * (1 + Double(index) / 10) : ends[1] * (1 + Double(index - 6) / 5))
            })
    }

    static func figure(
        _ trial: String, _ name: String, _ subject: String, _ value: Double?, _ unit: Figure.Unit,
        _ bounds: ClosedRange<Double>, expected: Double? = nil, because: String = "", gated: Bool = true
    ) -> Figure {
        Figure(
            trial: trial, name: name, of: subject, value: value, unit,
            Prediction(expected: expected, within: bounds, because: because, isGated: gated))
    }
}
