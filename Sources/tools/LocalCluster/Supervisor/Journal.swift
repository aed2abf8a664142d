import System

/// What the supervisor has to say: on its standard output, which is a file when it runs in the background.
package struct Journal: Sendable {
    package init() {}

    package func write(_ message: String) {
        Program.Output.standard.write(message + "\n")
    }
}
