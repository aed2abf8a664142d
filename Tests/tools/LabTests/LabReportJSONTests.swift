import JSON
import Lab
import System
import Terminal
import Testing

/// `report.json`, written and read.
@Suite struct LabReportJSONTests {
    @Test func `it holds the whole report`() throws {
        var report = SampleReport.awkward()
        // JSON has no infinity: as a value, it is what was not measured.
        report.modes.removeLast()
        let text = report.json.text
        #expect(try LabReport(json: JSONParser.parse(text)) == report)
    }

    /// The recording that Tests/System/test_lab_plots.py draws. A report that was changed prints what it has to be.
    @Test func `the recording is the report that is written here`() throws {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let recorded = try FileSystem.read("/\(folder)/Recordings/lab/awkward.json")
        #expect(String(decoding: recorded, as: UTF8.self) == SampleReport.awkward().json.text + "\n")
    }

    @Test func `what is not there is null`() throws {
        let json = SampleReport.awkward().json
        let figures = json["modes"]?.array?.first?["figures"]?.array
        let unmeasured = figures?.last
        #expect(unmeasured?["value"] == .null && unmeasured?["offBy"] == .null && unmeasured?["expected"] == .null)
        #expect(unmeasured?["holds"] == false && unmeasured?["gated"] == true)
        #expect(json["modes"]?.array?.first?["noticeSeconds"] == [.null, .null, 14.25, .null, .null])
        let free = json["modes"]?.array?[1]["figures"]?.array?[6]
        #expect(free?["atMost"] == .null && free?["atLeast"] == 0.0)
        #expect(json["misses"] == 5 && json["gated"] == 13)
    }

    @Test(
        arguments: [
            ("kind", .null, "this is no report of samplectl lab, of format 1: kind and format say otherwise"),
            ("format", 2, "this is no report of samplectl lab, of format 1: kind and format say otherwise"),
            ("began", nil, "report.json has no began"), ("modes", "none", "modes is not a list"),
            ("machine", [:], "machine has no processor"),
            ("modes", [["mode": "m"]], "modes[0] has no policy"),
        ] as [(String, JSONValue?, String)])
    func `what is amiss is named`(key: String, value: JSONValue?, message: String) {
        guard case .object(var object) = SampleReport.awkward().json else { return #expect(Bool(false)) }
        object[key] = value
        #expect { try LabReport(json: .object(object)) } throws: { "\($0)".contains(message) }
    }

    @Test func `bounds the wrong way round, and counts that are none, end nothing`() throws {
        let text = SampleReport.awkward().json.text
        for (good, bad) in [
            (#""atLeast":19.6"#, #""atLeast":21"#), ("[100,0,100,100]", "[-1,0]"), ("[100,0,100,100]", "[1e18]"),
        ] {
            #expect(text.contains(good))
            let json = try JSONParser.parse(text.replacing(good, with: bad))
            #expect(throws: Failure.self) { try LabReport(json: json) }
        }
    }
}
