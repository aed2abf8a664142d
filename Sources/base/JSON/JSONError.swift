/// Why a text is not an acceptable JSON document.
package struct JSONError: Error, Equatable {
    /// Bytes before the place of the error.
    package var offset: Int
    /// What was found or expected there, as the end of a sentence.
    package var problem: String

    package init(offset: Int, problem: String) {
        self.offset = offset
        self.problem = problem
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "bad JSON at byte \(offset): \(problem)" }
}
