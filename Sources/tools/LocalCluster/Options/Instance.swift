package import Settings
import System

/// Which of the systems on this machine is meant: its name, and the directory that holds what belongs to it.
package struct Instance: Equatable, Sendable {
    package static let defaultName = "sample-service"
    /// The control socket's path must fit into `sun_path` (107 bytes).
    private static let longestDirectory = 107 - "/control.sock".utf8.count

    private static let nameSetting = Setting(
        "NAME", .string("NAME"), default: defaultName,
        help: "which system; two of them run side by side (default \(defaultName))")
    private static let stateSetting = Setting(
        "STATE", .string("DIR"), default: "",
        help: "where its files are (default $XDG_RUNTIME_DIR or /tmp, then sample-service-UID/NAME)")
    package static let settings: [any AnySetting] = [nameSetting, stateSetting]

    package let name: String
    /// An absolute path.
    package let directory: String
    private let isDirectoryChosen: Bool

    /// `base` is XDG_RUNTIME_DIR or /tmp, `workingDirectory` what a relative `--state` starts from.
    package init(
        name: String = defaultName, state: String? = nil, base: String, userID: UInt32, workingDirectory: String
    ) throws(UsageError) {
        guard Instance.isLabel(name) else {
            throw UsageError(
                "--name '\(name)' is not a name: use at most 40 of a-z, 0-9 and '-', with a letter or digit at both ends"
            )
        }
        self.name = name
        isDirectoryChosen = state != nil
        switch state {
        case nil: directory = "\(base)/sample-service-\(userID)/\(name)"
        case ""?: throw UsageError("--state needs the path of a directory")
        case let path? where path.hasPrefix("/"): directory = Instance.withoutTrailingSlash(path)
        case let path?: directory = Instance.withoutTrailingSlash("\(workingDirectory)/\(path)")
        }
        guard directory.utf8.count <= Instance.longestDirectory else {
            throw UsageError(
                "the path \(directory) is longer than \(Instance.longestDirectory) bytes; choose another with --state")
        }
    }

    package init(_ values: SettingValues) throws(UsageError) {
        try self.init(name: values[Instance.nameSetting], state: values.given(Instance.stateSetting))
    }

    package init(name: String, state: String? = nil) throws(UsageError) {
        let base = Program.environment("XDG_RUNTIME_DIR").flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
        try self.init(
            name: name, state: state, base: base, userID: Program.userID,
            workingDirectory: Program.workingDirectory ?? "/")
    }

    /// The words that name this instance to another process.
    package var arguments: [String] { ["--name", name, "--state", directory] }

    /// What a user adds to a command to mean this instance; empty for the usual one.
    package var commandSuffix: String {
        (name == Instance.defaultName ? "" : " --name \(name)") + (isDirectoryChosen ? " --state \(directory)" : "")
    }

    private static func isLabel(_ name: String) -> Bool {
        let bytes = name.utf8
        guard (1...40).contains(bytes.count), bytes.first != UInt8(ascii: "-"), bytes.last != UInt8(ascii: "-") else {
            return false
        }
        return bytes.allSatisfy(\.isLabelByte)
    }

    private static func withoutTrailingSlash(_ path: String) -> String {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        return String(path)
    }
}
