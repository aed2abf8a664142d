package import Terminal

/// A claim, and what speaks against it.
package struct Verdict: Equatable, Sendable {
    package let claim: String
    /// nil: it holds.
    package let objection: String?

    package init(_ claim: String, objection: String? = nil) {
        self.claim = claim
        self.objection = objection
    }

    package init(_ claim: String, holds: Bool, otherwise objection: () -> String) {
        self.init(claim, objection: holds ? nil : objection())
    }

    /// The same of something that the claim does not name by itself.
    package func about(_ subject: String) -> Verdict { Verdict("\(subject): \(claim)", objection: objection) }

    package func because(_ reason: String) -> Verdict { Verdict("\(claim) (\(reason))", objection: objection) }

    /// The line that the audience sees.
    package func line(_ paint: Paint) -> String {
        guard let objection else { return paint(.green, "✓ \(claim)") }
        return paint(.red, "✗ \(claim): not so, \(objection)")
    }
}
