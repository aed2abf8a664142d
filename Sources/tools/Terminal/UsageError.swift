/// What the user typed cannot be done; the message is one line and says what can.
package struct UsageError: Error, Equatable {
    /// EX_USAGE of sysexits.h.
    package static let exitStatus: Int32 = 64

    package let message: String

    package init(_ message: String) {
        self.message = message
    }
}

/// Something could not be done; the message says what to do about it. The exit status is 1.
package struct Failure: Error, Equatable {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }
}
