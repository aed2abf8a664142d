import JSON
import Lab
import System
import Terminal
import TestSupport
import Testing

/// The folder that a report is written to.
@Suite struct LabReportFolderTests {
    @Test func `a report is written whole, and one of ours is replaced whole`() throws {
        try withTemporaryDirectory { folder in
            let target = LabReportFolder("\(folder)/lab-report///")
            try target.write(SampleReport.awkward())
            let names = try FileSystem.names(in: target.path)
            #expect(names.count == 9 && names.contains("README.md") && names.contains("notice.svg"), "\(names)")

            var smaller = SampleReport.empty()
            smaller.modes = [SampleReport.clusterIP()]
            try target.write(smaller)
            #expect(
                try FileSystem.names(in: target.path) == [
                    "README.md", "notice.svg", "report.json", "share-clusterip.svg",
                ])
            let json = try JSONParser.parse(FileSystem.read("\(target.path)/report.json"))
            #expect(try LabReport(json: json) == smaller)
            #expect(try FileSystem.names(in: folder) == ["lab-report"])
        }
    }

    @Test func `what is something else is refused, with what to do, and stays`() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/lab-report"
            try FileSystem.createDirectory(path)
            try LabReportFolder(path).check()

            try FileSystem.write(Array("# mine".utf8), to: "\(path)/README.md")
            expectRefusal(path, "it has no report.json of the lab's")
            try FileSystem.write(Array("{}".utf8), to: "\(path)/report.json")
            expectRefusal(path, "it has no report.json of the lab's")
            try FileSystem.write(SampleReport.empty().json.serialized, to: "\(path)/report.json")
            try LabReportFolder(path).check()
            try FileSystem.write([], to: "\(path)/notes.txt")
            expectRefusal(path, "notes.txt in it is not the lab's. Move it away, or name another folder for the report")
            #expect(try FileSystem.read("\(path)/README.md") == Array("# mine".utf8))
        }
    }

    @Test func `neither a file nor a folder in a folder that is not there will do`() throws {
        try withTemporaryDirectory { folder in
            try FileSystem.write([], to: "\(folder)/file")
            expectRefusal("\(folder)/file", "it is no folder")
            expectRefusal("\(folder)/none/lab-report", "there is no folder \(folder)/none; make it first")
            // Nobody makes a folder there, root neither.
            #expect {
                try LabReportFolder("/proc/lab-report").check()
            } throws: {
                ($0 as? Failure)?.message.hasPrefix(
                    "no report can be written to /proc/lab-report: No such file") == true
            }
            try LabReportFolder("\(folder)/good").check()
            #expect(try FileSystem.names(in: folder) == ["file"])
        }
    }

    @Test func `what stands beside it is let alone`() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/lab-report"
            try FileSystem.createDirectory("\(path).new")
            try FileSystem.write([], to: "\(path).new/README.md")
            try LabReportFolder(path).write(SampleReport.empty())
            #expect(try FileSystem.names(in: folder) == ["lab-report", "lab-report.new"])
            #expect(try FileSystem.names(in: "\(path).new") == ["README.md"])
            try FileSystem.write([], to: "\(path)/mine.svg")
            expectRefusal(path, "mine.svg in it is not the lab's")
        }
    }

    private func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
        let folder = TemporaryDirectory()
        defer { try? FileSystem.removeTree(folder.path) }
        try body(folder.path)
    }

    private func expectRefusal(_ path: String, _ words: String, at place: SourceLocation = #_sourceLocation) {
        #expect(sourceLocation: place) {
            try LabReportFolder(path).write(SampleReport.awkward())
        } throws: {
            ($0 as? Failure)?.message.contains(words) == true
        }
    }
}
