import Bytes
import Terminal

/// What a terminal shows of a report: the modes side by side, what missed and why, a verdict.
package struct LabTable {
    private let report: LabReport
    private let calledOffAfter: String?

    /// `calledOffAfter`: of a run that did not come to its end, how far it came: `3 of 8 modes`.
    package init(_ report: LabReport, calledOffAfter: String? = nil) {
        self.report = report
        self.calledOffAfter = calledOffAfter
    }

    /// The verdict is its last line, and begins with `no misses`, or with how many there are.
    package func text(width: Int = 80) -> String {
        var blocks: [String] = []
        if !report.modes.isEmpty { blocks += [modes(width), paragraph(LabTable.legend, width)] }
        if !report.policies.isEmpty { blocks.append(policies(width)) }
        blocks += skipped(width)
        if !report.misses.isEmpty { blocks.append(misses(width)) }
        blocks.append(paragraph(verdict, width))
        return blocks.joined(separator: "\n")
    }

    /// Of a part of a run, nobody shall take a verdict for the whole's.
    private var verdict: String {
        guard let calledOffAfter else { return report.verdict }
        let gated = report.figures.count(where: \.isGated)
        return "called off after \(calledOffAfter), and no report is written; \(report.misses.count) of \(gated) gated"
            + " figures missed until then"
    }

    private static let legend = """
        SPREAD: of the calls, the share of the idlest and of the busiest of five pods. NEW POD AFTER: from readiness to its \
        first call, quickest and slowest. FAILED: calls, in all trials, but for those that were under way on a pod that was \
        killed. P99: of undisturbed calls, each from the moment at which it was due (corrected for coordinated omission). \
        CPU: of all programs, for one such call. HELD: gated figures that are where theory puts them.
        """

    private func modes(_ width: Int) -> String {
        var table = Table(["MODE", "SPREAD", "NEW POD AFTER", "FAILED", "P99", "CPU", "HELD"])
        table.rows = report.modes.map { mode in
            let summary = LabSummary(mode)
            let held = mode.skipped == nil ? "\(summary.held)/\(summary.gated)" : "skipped"
            return [LabTable.printable(mode.mode)] + summary.cells + [held]
        }
        return LabTable.text(table, width)
    }

    private func policies(_ width: Int) -> String {
        var table = Table(["POLICY", "SLOW POD'S SHARE", "P99 UNDISTURBED", "P99 WITH IT", "HELD"])
        table.rows = report.policies.map { policy in
            let gated = policy.figures.filter(\.isGated)
            return [LabTable.printable(policy.policy)] + LabTable.cells(policy) + [
                "\(gated.count(where: \.holds))/\(gated.count)"
            ]
        }
        return LabTable.text(table, width)
    }

    /// Where there is no room for the table, a row is a paragraph that names its columns.
    private static func text(_ table: Table, _ width: Int) -> String {
        let text = table.text(sentencesWithin: width)
        // As many lines as rows: none of them is broken.
        if text.split(separator: "\n").count == table.rows.count + 1 { return text }
        return table.rows.map { row in
            // A figure and its unit stay on one line.
            let cells = zip(table.titles, row).dropFirst().map { "\($0) \($1)".replacing(" ", with: "\u{a0}") }
            let lines = Paragraphs.item("", cells.joined(separator: ", "), column: 2, width: width)
            return ([row[0]] + lines).map { $0.replacing("\u{a0}", with: " ") + "\n" }.joined()
        }.joined()
    }

    /// Share of the slow pod, p99 without and with it.
    static func cells(_ policy: PolicyReport) -> [String] {
        let curves = policy.latencies
        return [
            FigureText.value(policy.figures.first { $0.unit == .percent }?.value, .percent),
            FigureText.value(curves.first?.milliseconds(at: 0.99), .milliseconds),
            FigureText.value(curves.count > 1 ? curves.last?.milliseconds(at: 0.99) : nil, .milliseconds),
        ]
    }

    private func skipped(_ width: Int) -> [String] {
        report.modes.flatMap { mode in
            let reasons =
                mode.skipped.map { ["\(mode.mode) was not tried: \($0)"] }
                ?? mode.leftOut.map { "\(mode.mode), \($0.trial), was left out: \($0.reason)" }
            return reasons.map { paragraph(LabTable.printable($0), width) }
        }
    }

    private func misses(_ width: Int) -> String {
        report.misses.map { figure in
            let lines = Paragraphs.item("", LabTable.printable(LabTable.sentence(figure)), column: 2, width: width)
            return ("- " + (lines.first?.drop { $0 == " " } ?? "") + "\n")
                + lines.dropFirst().map { $0 + "\n" }.joined()
        }.joined()
    }

    /// `headless, scale-out: slowest new pod 15.2 s; predicted at most 14.2 s, because …`
    static func sentence(_ figure: Figure) -> String {
        if figure.value == nil, figure.name == "completed" {
            return "\(figure.subject), \(figure.trial): did not come to its end: \(figure.prediction.because)"
        }
        let predicted = FigureText.prediction(figure.prediction, figure.unit)
        let because = figure.prediction.because.isEmpty ? "" : ", because: \(figure.prediction.because)"
        return "\(figure.subject), \(figure.trial): \(figure.name): \(FigureText.value(figure)); predicted "
            + "\(predicted)\(because)"
    }

    /// Names and reasons are words of others, and may be made for a terminal.
    static func printable(_ text: String) -> String {
        var bytes: [UInt8] = []
        PrintableText.append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func paragraph(_ text: String, _ width: Int) -> String { Paragraphs.fit(text, width: width) + "\n" }
}

extension LabReport {
    /// 0 only if something was measured that theory has a say in, and all of it is as predicted.
    package var exitStatus: Int32 { figures.contains(where: \.isGated) && misses.isEmpty ? 0 : 1 }

    /// `no misses: …`, or `3 misses: …`: the last word of the table, and the first of the Markdown.
    var verdict: String {
        let gated = figures.count(where: \.isGated)
        guard gated > 0 else { return "nothing was measured that theory has a say in" }
        let missed = misses.count
        let skipped = modes.count { $0.skipped != nil }
        let rest = skipped == 0 ? "" : "; \(skipped) \(skipped == 1 ? "mode was" : "modes were") not tried"
        if missed == 0 {
            return "no misses: all of \(FigureText.decimal(Double(gated), 0)) gated figures are as predicted\(rest)"
        }
        return
            "\(missed) \(missed == 1 ? "miss" : "misses"), of \(FigureText.decimal(Double(gated), 0)) gated figures\(rest)"
    }
}
