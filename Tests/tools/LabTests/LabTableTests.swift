import Lab
import Testing

/// What the terminal shows at the end.
@Suite struct LabTableTests {
    private func lines(_ report: LabReport, width: Int = 80) -> [String] {
        LabTable(report).text(width: width).split(separator: "\n").map(String.init)
    }

    @Test func `the modes stand side by side within 80 columns`() {
        var report = SampleReport.awkward()
        report.modes.removeLast()
        let lines = lines(report)
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.filter { $0.count > 80 })")
        #expect(lines[0].split(separator: " ").prefix(2) == ["MODE", "SPREAD"])
        let headless = lines.first { $0.hasPrefix("headless") } ?? ""
        #expect(headless.contains("20 %        0.00 – 15.2 s"), "\(headless)")
        #expect(headless.contains("12 345   3.90 ms   305 µs   4/6"), "\(headless)")
        #expect(lines.contains { $0.hasPrefix("clusterip") && $0.contains("0 – 100 %   14.3 s, 4 never") }, "\(lines)")
    }

    /// 60 columns, and a telephone's.
    @Test(arguments: [60, 40]) func `where the table has no room, each mode is a paragraph`(width: Int) {
        var report = SampleReport.awkward()
        report.modes.removeLast()
        let lines = lines(report, width: width)
        #expect(lines.allSatisfy { $0.count <= width }, "\(lines.filter { $0.count > width })")
        let text = lines.joined(separator: " ").split(separator: " ").joined(separator: " ")
        #expect(
            text.contains(
                "headless SPREAD 20 %, NEW POD AFTER 0.00 – 15.2 s, FAILED 12 345, P99 3.90 ms, CPU 305 µs, HELD 4/6"),
            "\(text)")
    }

    @Test func `a part of a run is told as one, and is no praise`() {
        var report = SampleReport.empty()
        report.modes = [SampleReport.clusterIP()]
        report.modes[0].figures.removeLast()
        let text = LabTable(report, calledOffAfter: "1 of 8 modes").text()
        #expect(text.hasPrefix("MODE"))
        #expect(
            text.split(separator: "\n").suffix(2).joined(separator: " ")
                == "called off after 1 of 8 modes, and no report is written; 0 of 3 gated figures missed until then")
        #expect(!text.contains("no misses"))
    }

    @Test func `a percentile says from when calls were timed`() {
        let text = lines(SampleReport.awkward()).joined(separator: " ")
        #expect(text.contains("(corrected for coordinated omission)"))
    }

    @Test func `what missed is told in sentences, with the reason`() {
        let text = lines(SampleReport.awkward()).joined(separator: " ").split(separator: " ").joined(separator: " ")
        #expect(
            text.contains(
                "- headless, scale-out: slowest new pod's first call: 15.2 s; predicted at most 14.2 s, because: 1.1 × "
                    + "connection age + time between look-ups + a moment"), "\(text)")
        #expect(text.contains("- clusterip, age: longest that a call waited: not measured; predicted at most 5.00 s"))
        #expect(
            text.contains(
                "- nginx, kill: failed calls: not measured; predicted at most 1, because: one that was under way"))
        #expect(text.contains("clusterip, slow pod, was left out: TROUBLE is off"))
        #expect(text.contains("consul was not tried: consul is not there; scripts/get-consul brings it"))
    }

    @Test func `the verdict is the last line`() {
        #expect(lines(SampleReport.awkward()).last == "5 misses, of 13 gated figures; 1 mode was not tried")
        var report = SampleReport.empty()
        report.modes = [SampleReport.clusterIP()]
        report.modes[0].figures.removeLast()
        #expect(report.exitStatus == 0)
        #expect(lines(report).last == "no misses: all of 3 gated figures are as predicted")
        report.modes[0].figures.append(SampleReport.figure("kill", "failed calls", "clusterip", 4, .count, 0...1))
        #expect(report.exitStatus == 1)
        #expect(lines(report).last == "1 miss, of 4 gated figures")
    }

    @Test func `a report without anything has a verdict as well, and that is no praise`() {
        #expect(lines(SampleReport.empty()) == ["nothing was measured that theory has a say in"])
        #expect(SampleReport.empty().exitStatus == 1)
    }

    @Test func `a control character in a name steers no terminal`() {
        var report = SampleReport.empty()
        report.policies = [PolicyReport(policy: "a\u{1b}[31m")]
        report.modes = [SampleReport.oddlyNamed(), SampleReport.skipped()]
        report.modes[1].skipped = "\u{7}bell"
        #expect(!LabTable(report).text().unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    }

    @Test func `policies stand beside their slow pod's share and both latencies`() {
        let row = lines(SampleReport.awkward()).first { $0.hasPrefix("peak_ewma") }
        #expect(row?.split(separator: " ").joined(separator: " ") == "peak_ewma 0.2 % 3.90 ms 4.40 ms 1/1")
    }
}
