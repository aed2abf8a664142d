/// Something could not be done; the message says what to do about it. The exit status is 1.
package struct Failure: Error, Equatable, CustomStringConvertible {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}
