import Lab
import Testing

/// The report's README.
@Suite struct LabMarkdownTests {
    private func text(_ report: LabReport) -> String { LabMarkdown(report, plots: LabPlot.all(of: report)).text }

    @Test func `every row of a table has as many cells as its head`() {
        let blocks = text(SampleReport.awkward()).split(separator: "\n\n").filter { $0.hasPrefix("|") }
        #expect(blocks.count >= 7)
        for block in blocks {
            // A bar that a backslash precedes stands in a cell.
            let cells = block.split(separator: "\n").map { line in
                line.replacing(#"\|"#, with: "").count { $0 == "|" }
            }
            #expect(Set(cells).count == 1, "\(block)")
        }
    }

    @Test func `a summary has a line for each mode, which can be pasted into a document`() {
        let text = text(SampleReport.awkward())
        #expect(text.contains("| mode | what it does | spread | new pod after | failed | p99 | CPU |"))
        #expect(
            text.contains(
                "| `headless` | DNS names every pod, the client chooses per call | 20 % | 0.00 – 15.2 s | 12 345 | 3.90 ms | 305 µs |"
            ))
        #expect(text.contains("| `consul` | pods enter themselves in Consul | skipped | | | | |"))
    }

    @Test func `each figure stands beside its prediction, what is amiss in bold`() {
        let text = text(SampleReport.awkward())
        #expect(
            text.contains(
                "| scale-out | slowest new pod's first call | **15.2 s** | at most 14.2 s | 1.00 s over | 1.1 × connection age "
            ))
        #expect(text.contains("| scale-out | failed calls | 0 | 0 | exact | |"))
        #expect(text.contains("Left out:\n\n- slow pod: TROUBLE is off"))
        #expect(text.contains("| cost | gateway | *210 µs* | no bound | – | |"))
    }

    @Test func `whoever has nothing but the report knows what was done, and how to read it, before the first figure`()
        throws
    {
        let text = text(SampleReport.awkward())
        let (reading, figures) = (
            try #require(text.firstRange(of: "## How to read it")),
            try #require(text.firstRange(of: "| trial | figure |"))
        )
        #expect(reading.lowerBound < figures.lowerBound)
        #expect(
            text.contains("corrected for coordinated\nomission") || text.contains("corrected for\ncoordinated omission")
        )
        #expect(text.contains("| kill | kill -9 of the busiest pod, which has its part of 50 calls of 4 s under way |"))
        #expect(
            !text.contains("| restart | a rolling") || SampleReport.awkward().figures.contains { $0.trial == "restart" }
        )
    }

    @Test func `names of others are no markup`() {
        let text = text(SampleReport.awkward())
        #expect(text.contains(#"## Mode a\<b\>\&"c"\|\*d\*\_e\_\`f\`"#))
        // As code it is one.
        #expect(!text.replacing("`a<b>", with: "").contains("a<b>"))
        #expect(text.contains(#"Intel(R) Xeon(R) \<Processor\> @ 2.20GHz, 2 processors, 7.8 GiB, Linux 6.1 \& more"#))
    }

    @Test func `every plot is shown, and every picture that is shown is there`() {
        let report = SampleReport.awkward()
        let plots = LabPlot.all(of: report)
        let shown = text(report).split(separator: "](").dropFirst().map { $0.prefix { $0 != ")" } }
        #expect(shown.map(String.init).sorted() == plots.map(\.file).sorted())
    }

    @Test func `a report without modes is one as well`() {
        #expect(text(SampleReport.empty()).hasPrefix("# The lab's report\n\nNothing was measured"))
    }
}
