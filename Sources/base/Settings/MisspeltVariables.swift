import Bytes

/// Variables of the environment that look as if one of ours had been meant. A program reads those that it knows and
/// cannot notice a name that nobody reads: `LOAD_BALANCING_POLCY` would change nothing, and say nothing.
package enum MisspeltVariables {
    package struct Slip: Equatable, Sendable {
        package let name: String
        package let meant: String
    }

    /// Shorter names have too many neighbours that mean something: POD_IPS, POD_UID.
    private static let shortest = 8
    /// From here on two slips are still nearer than any other word. Our own names are 3 apart at least.
    private static let long = 12

    /// In the order of the names.
    package static func find(
        among variables: some Sequence<String>, known: some Sequence<String>
    ) -> [Slip] {
        let known = Set(known)
        let variables = variables.filter { !known.contains($0) && $0.utf8.allSatisfy(isPlain) }
        let candidates = known.filter { $0.utf8.count >= shortest }.sorted()
        return variables.sorted().compactMap { variable in
            candidates.first { isSlip(variable, of: $0) }.map { Slip(name: variable, meant: $0) }
        }
    }

    /// What our names have, in another case. A warning with anything else in it could forge a line.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    /// A name in small letters or with dashes is one as well: `log_level`, `LOG-LEVEL`.
    private static func isSlip(_ variable: String, of name: String) -> Bool {
        let written = variable.uppercased().replacing("-", with: "_")
        guard written.utf8.first == name.utf8.first || written.utf8.last == name.utf8.last,
            abs(written.utf8.count - name.utf8.count) <= 2
        else { return false }
        return EditDistance.between(written, name) <= (name.utf8.count < long ? 1 : 2)
    }
}

extension MisspeltVariables.Slip: CustomStringConvertible {
    package var description: String { "the variable \(name) is set, which nobody reads; did you mean \(meant)?" }
}
