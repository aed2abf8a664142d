package import System
import Timing

/// A process to start, with the files that it wants to find.
package struct Launch: Equatable, Sendable {
    package enum File: Equatable, Sendable {
        /// Lies beside the program.
        case sibling(String)
        /// Is looked for in PATH and in the sbin directories; `package` is Debian's name for what to install.
        case system(String, package: String)
    }

    package var file: File
    package var arguments: [String] = []
    package var environment: [String: String] = [:]
    /// Paths relative to the pod's directory.
    package var directories: [String] = []
    package var files: [String: String] = [:]
    /// What asks it to end when it has done what it is doing.
    package var stopSignal = Signal.terminate
    /// From that signal to SIGKILL.
    package var gracePeriod = PodMachine.Settings.defaults.gracePeriod

    package init(_ file: File) {
        self.file = file
    }
}
