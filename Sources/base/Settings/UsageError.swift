/// A mistake in how a program was started: one line for standard error.
package struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// EX_USAGE of sysexits.h.
    package static let exitStatus: Int32 = 64

    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
