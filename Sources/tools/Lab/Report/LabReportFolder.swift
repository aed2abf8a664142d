import JSON
import System
package import Terminal

/// `lab-report/`: README.md, report.json and the plots. One of ours is replaced, as a whole; anything else is let alone.
package struct LabReportFolder {
    private static let document = "README.md"
    private static let data = "report.json"

    /// Twice what a report of all modes has.
    private static let room = 1 << 20

    package let path: String

    package init(_ path: String) {
        var path = Substring(path)
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        self.path = String(path)
    }

    /// Throws what to do if a report cannot be written here: asked before a run, it saves twenty minutes.
    package func check() throws(Failure) {
        if let refusal = try telling({ () throws(SystemError) in try refusal() }) { throw refusal }
        // Whether it can be written, and has room, is seen by doing it.
        defer { try? FileSystem.removeTree(beside) }
        try telling { () throws(SystemError) in
            try makeBeside()
            try FileSystem.write(
                Array(repeating: 0, count: LabReportFolder.room), to: "\(beside)/\(LabReportFolder.data)")
            try FileSystem.removeTree(beside)
        }
    }

    /// All files or none: they are written beside it, and take its place when they are whole.
    package func write(_ report: LabReport) throws(Failure) {
        if let refusal = try telling({ () throws(SystemError) in try refusal() }) { throw refusal }
        let plots = LabPlot.all(of: report)
        var files = [(LabReportFolder.data, report.json.serialized + [0x0A])]
        files.append((LabReportFolder.document, Array(LabMarkdown(report, plots: plots).text.utf8)))
        files += plots.map { ($0.file, Array($0.svg.utf8)) }
        // Nothing of a report that could not be written stays, nor of the one before that has left its place.
        defer { try? FileSystem.removeTree(beside) }
        try telling { () throws(SystemError) in
            try makeBeside()
            for (name, bytes) in files { try FileSystem.write(bytes, to: "\(beside)/\(name)", mode: 0o644) }
            guard try FileSystem.entry(at: path) != nil else { return try FileSystem.rename(beside, to: path) }
            try FileSystem.exchange(beside, path)
        }
    }

    /// A name that nobody else has: what a run that was killed has left has another.
    private var beside: String { "\(path).\(Program.pid).new" }

    private func makeBeside() throws(SystemError) {
        try FileSystem.removeTree(beside)
        try FileSystem.createDirectory(beside, mode: 0o755)
    }

    private func refusal() throws(SystemError) -> Failure? {
        guard let entry = try FileSystem.entry(at: path) else {
            let parent = path.lastIndex(of: "/").map { path[..<$0].isEmpty ? "/" : String(path[..<$0]) } ?? "."
            // What stands there may be a link to a folder.
            let isThere = try FileSystem.entry(at: parent + "/.")?.kind == .directory
            return isThere ? nil : Failure("\(path) cannot be made: there is no folder \(parent); make it first")
        }
        guard entry.kind == .directory else { return LabReportFolder.refusal(of: path, because: "it is no folder") }
        if let reason = try strangers(in: path) { return LabReportFolder.refusal(of: path, because: reason) }
        let names = try FileSystem.names(in: path)
        if names.isEmpty || LabReportFolder.isReport("\(path)/\(LabReportFolder.data)") { return nil }
        return LabReportFolder.refusal(of: path, because: "it has no report.json of the lab's")
    }

    /// Why a folder is not, or not only, the lab's.
    private func strangers(in folder: String) throws(SystemError) -> String? {
        try FileSystem.names(in: folder).first { !LabReportFolder.isOurs($0) }.map { "\($0) in it is not the lab's" }
    }

    private static func refusal(of path: String, because reason: String) -> Failure {
        Failure("\(path) is not replaced: \(reason). Move it away, or name another folder for the report")
    }

    /// By its name, as LabPlot gives them.
    private static func isOurs(_ name: String) -> Bool {
        if name == document || name == data || name == "notice.svg" { return true }
        return name.hasSuffix(".svg") && (name.hasPrefix("share-") || name.hasPrefix("latency-"))
    }

    private static func isReport(_ path: String) -> Bool {
        guard let bytes = try? FileSystem.read(path, limit: JSONParser.Limits.defaults.bytes + 1),
            let json = try? JSONParser.parse(bytes)
        else { return false }
        return json["kind"]?.string == LabReport.kind
    }

    private func telling<Value>(_ work: () throws(SystemError) -> Value) throws(Failure) -> Value {
        do throws(SystemError) {
            return try work()
        } catch {
            throw Failure("no report can be written to \(path): \(error.reason); name another folder with --output")
        }
    }
}
