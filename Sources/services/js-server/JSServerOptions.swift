import ServiceKit
import Settings
import System

/// What js-server can be told besides the common options.
struct JSServerOptions: Sendable {
    private static let staticRoot = Setting(
        "STATIC_ROOT", .string("DIRECTORY"), default: "/srv/js",
        help: "The directory whose files are served under /js.")

    static let settings: [any AnySetting] = [staticRoot]

    let root: FileTree

    /// Throws for a directory that is not there or cannot be read.
    init(_ values: SettingValues) throws(UsageError) {
        do throws(SystemError) {
            root = try FileTree(values[JSServerOptions.staticRoot])
        } catch {
            throw values.rejection(of: JSServerOptions.staticRoot, because: "\(error)")
        }
    }
}
