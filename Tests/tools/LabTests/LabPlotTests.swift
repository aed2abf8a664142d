import Lab
import Testing

/// The pictures, as far as one can tell without drawing them: Tests/System/test_lab_plots.py does.
@Suite struct LabPlotTests {
    private let plots = LabPlot.all(of: SampleReport.awkward())

    private func plot(_ file: String) -> String { plots.first { $0.file == file }?.svg ?? "" }

    @Test func `each has a file of its own, with a name that needs no quoting`() {
        #expect(
            plots.map(\.file) == [
                "notice.svg", "share-clusterip.svg", "share-headless.svg", "latency-headless.svg",
                "share-a-b---c---d--e--f-.svg",
                "latency-a-b---c---d--e--f-.svg", "latency-policies.svg",
            ])
        var report = SampleReport.empty()
        report.modes = ["A b", "a-b", "a_b"].map { name in
            var mode = ModeReport(mode: name, policy: "p")
            mode.timeline = SampleReport.timeline(pods: 1, marks: 0)
            return mode
        }
        #expect(LabPlot.all(of: report).map(\.file) == ["share-a-b.svg", "share-a-b-2.svg", "share-a-b-3.svg"])
    }

    @Test func `each is well-formed XML with a title and a description, and without a script`() throws {
        for plot in plots {
            try XMLCheck.check(plot.svg)
            #expect(plot.svg.contains("<title id=\"title\">") && plot.svg.contains("<desc id=\"description\">"))
            #expect(!plot.svg.contains("<script") && !plot.svg.contains("href"))
            #expect(plot.svg.contains("prefers-color-scheme: dark"))
        }
    }

    @Test func `a name of others is text, not markup`() {
        let svg = plot("share-a-b---c---d--e--f-.svg")
        #expect(svg.contains("mode a&lt;b&gt;&amp;&quot;c&quot;|*d*_e_`f`"))
        #expect(!svg.contains("<b>"))
    }

    @Test func `twenty pods have colours of their own, the second ten striped`() {
        let svg = plot("share-a-b---c---d--e--f-.svg")
        #expect(svg.contains("style=\"fill:var(--c9)\"><title>sample-service-grpc-5f4-p0009</title>"))
        #expect(svg.contains("style=\"fill:url(#p0)\"><title>sample-service-grpc-5f4-q0010</title>"))
        #expect(svg.contains(">q0019</text>"))
    }

    @Test func `shares fill the plot from bottom to top, and a step without calls is a gap`() {
        // 240 pixels for 100 %, from y = 44: 5 of 100 failed in the second of three steps.
        var mode = ModeReport(mode: "m", policy: "p")
        mode.timeline.pods = [.init(pod: "one", counts: [50, 95, 0]), .init(pod: "two", counts: [50, 0, 0])]
        mode.timeline.failed = [0, 5, 0]
        var report = SampleReport.empty()
        report.modes = [mode]
        let svg = LabPlot.all(of: report).first?.svg ?? ""
        // Axis from x = 52 to 860 for 1.5 s.
        #expect(svg.contains("d=\"M52 284V164H321.3V56H590.7V284H321.3V284H52Z\""), "\(svg)")
        #expect(svg.contains("d=\"M52 164V44H321.3V164H52Z\""))
        #expect(svg.contains("d=\"M321.3 56V44H590.7V56H321.3Z\""))
    }

    @Test func `no plot is made of nothing`() {
        var report = SampleReport.empty()
        #expect(LabPlot.all(of: report).isEmpty)
        report.modes = [SampleReport.nobody(), SampleReport.skipped()]
        #expect(LabPlot.all(of: report).isEmpty)
    }

    @Test func `the limit that theory names stands beside the dots`() {
        let svg = plot("notice.svg")
        #expect(svg.contains(">at most 14.2 s</text>") && svg.contains(">0.00 – 15.2 s</text>"))
        #expect(svg.contains(">14.3 s, 4 never</text>") && svg.contains(">no limit</text>"))
        #expect(svg.components(of: "<circle") == 1 + 5 + 20)
        #expect(svg.components(of: "class=\"limit\"") == 1)
    }

    @Test(arguments: [
        (1.0, 0.0), (10, 1), (1000, 3), (0.01, -2), (2, 0.30103), (201.8, 2.304921), (0.0316227766, -1.5),
    ])
    func `logarithms without a library`(value: Double, logarithm: Double) {
        #expect(abs(Decade.log10(value) - logarithm) < 0.0001)
    }

    @Test func `steps of an axis are round`() {
        #expect(Axis.linear(to: 80, from: 0, 800).ticks == [0, 10, 20, 30, 40, 50, 60, 70, 80])
        #expect(Axis.linear(to: 1.5, from: 0, 800).ticks.count == 8)
        #expect(Axis.linear(to: .nan, from: 0, 800).range == 0...1)
        #expect(Axis.decades(around: [0.6, 201], from: 0, 1).ticks == [0.1, 1, 10, 100, 1000])
        #expect(Axis.decades(around: [1e-9, 1e99], from: 0, 1).ticks.count == 11)
        #expect(Axis.decades(around: [1, 1], from: 0, 1).ticks == [1, 10])
    }

    @Test func `a text that is too wide is cut`() {
        let text = TextWidth.fit("mmmmmmmmmm", within: 60, size: 12)
        #expect(text == "mmmm…" && TextWidth.of(text, size: 12) <= 60)
        #expect(TextWidth.fit("short", within: 60, size: 12) == "short")
        #expect(TextWidth.fit("short", within: 0, size: 12) == "…")
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}

/// Enough of XML to tell whether elements and quotes match: no comments, no DTD, no CDATA.
enum XMLCheck {
    struct Fault: Error { let text: String }

    static func check(_ document: String) throws(Fault) {
        var open: [Substring] = []
        var rest = document[...]
        while let start = rest.firstIndex(of: "<") {
            try text(rest[..<start])
            guard let end = rest[start...].firstIndex(of: ">") else { throw Fault(text: "an element does not end") }
            var tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { throw Fault(text: "\(tag) ends what is not open") }
                continue
            }
            let isEmpty = tag.hasSuffix("/")
            if isEmpty { tag = tag.dropLast() }
            guard tag.count(where: { $0 == "\"" }).isMultiple(of: 2), !tag.contains("<") else {
                throw Fault(text: "quotes in \(tag)")
            }
            if !isEmpty { open.append(tag.prefix { $0 != " " && $0 != "\n" }) }
        }
        try text(rest)
        guard open.isEmpty, rest.allSatisfy(\.isWhitespace) else { throw Fault(text: "not closed: \(open)") }
    }

    private static func text(_ text: Substring) throws(Fault) {
        guard text.unicodeScalars.allSatisfy({ $0.value >= 32 || $0 == "\n" }) else { throw Fault(text: "a control") }
        for part in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
            guard ["amp;", "lt;", "gt;", "quot;"].contains(where: part.hasPrefix) else {
                throw Fault(text: "& in \(part)")
            }
        }
    }
}
