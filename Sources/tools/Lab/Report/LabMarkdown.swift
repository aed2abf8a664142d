/// `README.md` of a report's folder.
package struct LabMarkdown {
    private let report: LabReport
    private let plots: [LabPlot]

    package init(_ report: LabReport, plots: [LabPlot]) {
        self.report = report
        self.plots = plots
    }

    package var text: String {
        var blocks = ["# The lab's report", Markdown.escape(report.verdict.capitalizedStart) + ".", about]
        if !report.misses.isEmpty { blocks += ["## What missed", misses] }
        if !report.modes.isEmpty { blocks += ["## The modes side by side", summary, LabMarkdown.legend] }
        blocks += pictures(.notice)
        if !report.figures.isEmpty { blocks += [LabMarkdown.reading, LabTrialWords.table(of: report)] }
        for (index, mode) in report.modes.enumerated() { blocks += section(mode, index) }
        if !report.policies.isEmpty {
            blocks += ["## Policies beside one slow pod", policyTable] + pictures(.policies)
        }
        for policy in report.policies where !policy.figures.isEmpty {
            blocks += ["### Policy \(Markdown.escape(policy.policy))", figures(policy.figures)]
        }
        blocks.append(LabMarkdown.rest)
        return blocks.map { $0 + "\n" }.joined(separator: "\n")
    }

    private static let legend = """
        *Spread*: of the calls to five pods, the share of the idlest and of the busiest. *New pod after*: from readiness to
        the first call, quickest and slowest. *Failed*: calls, in all trials together, but for those that were under way on a pod
        that was killed. *p99*: of undisturbed calls, each from the moment at which it was due (corrected for coordinated
        omission). *CPU*: processor time of all programs for one such call.
        """

    private static let reading = """
        ## How to read it

        Each figure stands beside what theory predicts. *Off by* is counted from the value that theory names; where it only
        names bounds, it says how far from the nearer one the figure is, within or past it. **Bold** figures are not where
        theory puts them. Gated are those that do not depend on how fast the machine is: counts, shares, failures, times to
        notice, connections, queries. With one of them amiss `samplectl lab` ends with status 1. The others are in *italics*
        and never decide.

        The load goes on from a mode's first trial to its last, and does not wait for answers. A call's latency counts from
        the moment at which it was due, so that one which had to wait its turn is not spared: what is called corrected for
        coordinated omission. n is the number of pods, *age* how long a connection may live.
        """

    private static let rest = """
        `report.json` has all of it; `samplectl lab --from report.json` lays it out anew.
        """

    private var about: String {
        let machine = report.machine
        let rows = [
            ("Begun", report.began + (report.isQuick ? ", `--quick`" : "")),
            ("Took", FigureText.minutes(report.tookSeconds)), ("On", report.place),
            (
                "Machine",
                "\(machine.processor), \(machine.processors) processor\(machine.processors == 1 ? "" : "s"), "
                    + "\(FigureText.decimal(Double(machine.memoryMiB) / 1024, 1)) GiB, \(machine.system)"
            ), ("samplectl", report.version),
            ("Settings", report.settings.map { "`\($0.name) \($0.value)`" }.joined(separator: ", ")),
        ]
        return Markdown.table(
            ["", ""],
            rows.map {
                [
                    $0.0,
                    $0.0 == "Settings" || $0.0 == "Begun" ? Markdown.escapeKeepingCode($0.1) : Markdown.escape($0.1),
                ]
            })
    }

    /// The columns of docs/which-mode.md.
    private var summary: String {
        Markdown.table(
            ["mode", "what it does", "spread", "new pod after", "failed", "p99", "CPU"],
            report.modes.map { mode in
                let summary = LabSummary(mode)
                let cells = mode.skipped == nil ? summary.cells : ["skipped"] + Array(repeating: "", count: 4)
                return ["`\(Markdown.code(mode.mode))`", Markdown.escape(mode.summary)] + cells.map(Markdown.escape)
            })
    }

    private var misses: String {
        report.misses.map { "- " + Markdown.escape(LabTable.sentence($0)) }.joined(separator: "\n")
    }

    private func section(_ mode: ModeReport, _ index: Int) -> [String] {
        var blocks = ["## Mode \(Markdown.escape(mode.mode))"]
        if let reason = mode.skipped { return blocks + ["Not tried: \(Markdown.escape(reason))"] }
        blocks.append(
            "Policy `\(Markdown.code(mode.policy))`"
                + (mode.summary.isEmpty ? "." : ": \(Markdown.escape(mode.summary))."))
        blocks += pictures(.share(index))
        if !mode.figures.isEmpty { blocks.append(figures(mode.figures)) }
        if !mode.leftOut.isEmpty {
            let reasons = mode.leftOut.map { "- " + Markdown.escape("\($0.trial): \($0.reason)") }
            blocks += ["Left out:", reasons.joined(separator: "\n")]
        }
        return blocks + pictures(.latency(index))
    }

    private func figures(_ figures: [Figure]) -> String {
        Markdown.table(
            ["trial", "figure", "measured", "predicted", "off by", "because"],
            figures.map { figure in
                let value = Markdown.escape(FigureText.value(figure))
                return [
                    Markdown.escape(figure.trial), Markdown.escape(figure.name),
                    figure.holds
                        ? figure.isGated ? value : "*\(value)*" : figure.isGated ? "**\(value)**" : "*\(value)*",
                    Markdown.escape(FigureText.prediction(figure.prediction, figure.unit)),
                    Markdown.escape(FigureText.distance(figure)), Markdown.escape(figure.prediction.because),
                ]
            })
    }

    private var policyTable: String {
        Markdown.table(
            ["policy", "slow pod's share", "p99 undisturbed", "p99 with it"],
            report.policies.map { ["`\(Markdown.code($0.policy))`"] + LabTable.cells($0).map(Markdown.escape) })
    }

    private func pictures(_ subject: LabPlot.Subject) -> [String] {
        plots.filter { $0.subject == subject }.map { "![\(Markdown.escape($0.title))](\($0.file))" }
    }
}

/// Text of others in Markdown: it neither ends a table's cell nor becomes markup.
enum Markdown {
    private static let special = Set("\\`*_[]<>&|#~")

    static func escape(_ text: String) -> String {
        oneLine(text).reduce(into: "") { result, character in
            if special.contains(character) { result += "\\" }
            result.append(character)
        }
    }

    /// As `escape`, but what stands between backticks remains code.
    static func escapeKeepingCode(_ text: String) -> String {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .map { index, part in index.isMultiple(of: 2) ? escape(String(part)) : "`\(code(String(part)))`" }.joined()
    }

    /// Between backticks, also in a table.
    static func code(_ text: String) -> String {
        oneLine(text).reduce(into: "") { result, character in
            if character == "|" { result += "\\" }
            if character != "`" { result.append(character) }
        }
    }

    static func table(_ titles: [String], _ rows: [[String]]) -> String {
        ([titles, titles.map { _ in "---" }] + rows).map { "| \($0.joined(separator: " | ")) |" }
            .joined(separator: "\n").replacing("|  |", with: "| |").replacing("|  |", with: "| |")
    }

    private static func oneLine(_ text: String) -> String { LabTable.printable(text) }
}

extension String {
    fileprivate var capitalizedStart: String { prefix(1).uppercased() + dropFirst() }
}
