import Telemetry

extension Envoy {
    /// Of its own lines (`--log-format`); those of calls are in its configuration. `%e` are milliseconds, and `%j` is the
    /// message with JSON's escapes.
    static func linePattern(_ format: LogFormat) -> String {
        switch format {
        case .text: "%Y/%m/%d %T [%l] %v"
        case .json: #"{"time":"%Y-%m-%dT%T.%eZ","level":"%l","message":"%j"}"#
        }
    }
}

extension Template {
    /// The text without the lines from `# json:` to `# :json`, if that is the part's name.
    package static func removing(part name: String, from text: String) -> String {
        var isInside = false
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            let words = line.drop { $0 == " " }
            if words.hasPrefix("# \(name): ") { isInside = true }
            defer { if words == "# :\(name)" { isInside = false } }
            return !isInside
        }
        return lines.joined(separator: "\n")
    }
}
