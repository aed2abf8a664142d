/// A picture of a report's folder.
package struct LabPlot: Equatable, Sendable {
    /// What it is about; modes by their places in the report.
    package enum Subject: Equatable, Sendable {
        case notice, policies
        case share(Int), latency(Int)
    }

    package let subject: Subject
    package let file: String
    package let title: String
    package let svg: String

    /// All that the report has figures for.
    package static func all(of report: LabReport) -> [LabPlot] {
        var plots: [LabPlot] = []
        var names: Set<String> = []
        func add(_ subject: Subject, _ name: String, _ title: String, _ svg: String?) {
            guard let svg else { return }
            plots.append(LabPlot(subject: subject, file: fileName(name, &names), title: title, svg: svg))
        }
        add(.notice, "notice", NoticePlot.title, NoticePlot(report.modes).svg)
        for (index, mode) in report.modes.enumerated() where mode.skipped == nil {
            let share = SharePlot(mode: mode.mode, timeline: mode.timeline)
            add(.share(index), "share-\(mode.mode)", share.title, share.svg)
            let latency = LatencyPlot(title: "How long calls took, mode \(mode.mode)", curves: mode.latencies)
            add(.latency(index), "latency-\(mode.mode)", latency.title, latency.svg)
        }
        let policies = LatencyPlot(
            title: "How long calls took with one slow pod of five, by policy",
            curves: report.policies.compactMap { policy in
                policy.latencies.last.map { LatencyCurve(name: policy.policy, calls: $0.calls, points: $0.points) }
            })
        add(.policies, "latency-policies", policies.title, policies.svg)
        return plots
    }

    /// Of letters, digits and hyphens, whatever a mode is called, and each once.
    private static func fileName(_ name: String, _ taken: inout Set<String>) -> String {
        let plain = String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        var file = "\(plain).svg"
        var number = 2
        while !taken.insert(file).inserted {
            file = "\(plain)-\(number).svg"
            number += 1
        }
        return file
    }
}
