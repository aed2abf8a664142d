/// A mode in one line: what the table on the terminal and the first table of the Markdown have.
struct LabSummary: Sendable {
    /// In the name of a figure: calls on a pod that was killed.
    private static let lost = "under way"

    let mode: String
    let policy: String
    let summary: String
    /// Of the idlest and the busiest pod, in per cent.
    var spread: (idlest: Double, busiest: Double)?
    /// Seconds from readiness to the first call, quickest and slowest.
    var notice: ClosedRange<Double>?
    /// New pods that got no call.
    var idle = 0
    var newPods = 0
    /// Calls, in all trials, but for those that nothing could save; nil: no trial counts them.
    var failed: Double?
    /// Milliseconds.
    var median: Double?
    var p99: Double?
    /// Microseconds of all programs for one call.
    var cpu: Double?
    var gated = 0
    var held = 0

    init(_ report: ModeReport) {
        mode = report.mode
        policy = report.policy
        summary = report.summary
        guard report.skipped == nil else { return }
        let figures = report.figures
        if let idlest = figures.value(of: "idlest pod's share"), let busiest = figures.value(of: "busiest pod's share")
        {
            spread = (idlest, busiest)
        }
        let noticed = report.noticeSeconds.compactMap(\.self).filter(\.isFinite)
        if let quickest = noticed.min(), let slowest = noticed.max() { notice = quickest...slowest }
        newPods = report.noticeSeconds.count
        idle = newPods - noticed.count
        failed = figures.sum { $0.unit == .count && $0.name.hasPrefix("failed") && !$0.name.contains(LabSummary.lost) }
        cpu = figures.sum { $0.unit == .microseconds }
        median = report.latencies.undisturbed?.milliseconds(at: 0.5)
        p99 = report.latencies.undisturbed?.milliseconds(at: 0.99)
        gated = figures.count { $0.isGated }
        held = figures.count { $0.isGated && $0.holds }
    }

    /// Spread, new pod after, failed, p99, CPU: the same on the terminal and on paper.
    var cells: [String] {
        [
            spread.map { range($0.idlest, $0.busiest, .percent) } ?? FigureText.nothing, noticeText,
            FigureText.value(failed, .count), FigureText.value(p99, .milliseconds),
            FigureText.value(cpu, .microseconds),
        ]
    }

    private var noticeText: String {
        guard newPods > 0 else { return FigureText.nothing }
        guard let notice else { return "never" }
        let text = range(notice.lowerBound, notice.upperBound, .seconds)
        return idle == 0 ? text : "\(text), \(idle) never"
    }

    private func range(_ low: Double, _ high: Double, _ unit: Figure.Unit) -> String {
        let (one, other) = (FigureText.number(low, unit), FigureText.value(high, unit))
        return other.hasPrefix(one + " ") ? other : "\(one) – \(other)"
    }
}

extension [Figure] {
    func value(of name: String) -> Double? { first { $0.name == name }?.value }

    /// nil if there is none, and if one was not measured: the rest would be too little.
    func sum(where isCounted: (Figure) -> Bool) -> Double? {
        let counted = filter(isCounted)
        let values = counted.compactMap(\.value)
        return counted.isEmpty || values.count < counted.count ? nil : values.reduce(0, +)
    }
}
