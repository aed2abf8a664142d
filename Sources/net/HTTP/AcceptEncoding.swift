import Bytes

/// How a representation is coded (RFC 9110 section 8.4.1).
package enum ContentCoding: Hashable, Sendable {
    /// Not at all; never named in a field.
    case identity
    case gzip
}

/// The codings that a client accepts, and how much it likes them (RFC 9110 section 12.5.3).
package struct AcceptEncoding: Equatable, Sendable {
    /// In thousandths; nil where the coding is not listed.
    private var gzip: Int?
    private var identity: Int?
    /// `*`: every coding that is not listed.
    private var others: Int?

    /// Members that cannot be read count as not listed.
    package init(_ fields: HTTPFields) {
        guard fields.contains("Accept-Encoding") else { return }
        for value in fields.values("Accept-Encoding") {
            var cursor = FieldCursor(value)
            cursor.passToMember()
            while !cursor.isAtEnd {
                read(&cursor)
                _ = cursor.take { $0 != UInt8(ascii: ",") }
                cursor.passToMember()
            }
        }
    }

    private mutating func read(_ cursor: inout FieldCursor) {
        let name = String(decoding: cursor.take(while: HTTP1Syntax.isTokenCharacter), as: UTF8.self).lowercased()
        guard let weight = AcceptEncoding.weight(&cursor) else { return }
        // The first of two counts.
        switch name {
        // An old name of the same (section 8.4.1.3).
        case "gzip", "x-gzip": gzip = gzip ?? weight
        case "identity": identity = identity ?? weight
        case "*": others = others ?? weight
        default: break
        }
    }

    /// `;q=0.5`, at the end of a member; 1 without it.
    private static func weight(_ cursor: inout FieldCursor) -> Int? {
        cursor.passBlanks()
        guard cursor.take(UInt8(ascii: ";")) else { return ends(cursor) ? 1_000 : nil }
        cursor.passBlanks()
        guard cursor.take("q=") || cursor.take("Q="), let whole = cursor.takeDigits(1), whole <= 1 else { return nil }
        var weight = whole * 1_000
        if cursor.take(UInt8(ascii: ".")) {
            let digits = cursor.take(while: \.isASCIIDigit)
            guard digits.count <= 3 else { return nil }
            var place = 100
            for digit in digits {
                weight += Int(digit - 0x30) * place
                place /= 10
            }
        }
        cursor.passBlanks()
        return ends(cursor) && weight <= 1_000 ? weight : nil
    }

    private static func ends(_ cursor: FieldCursor) -> Bool {
        cursor.isAtEnd || cursor.next == UInt8(ascii: ",")
    }

    /// The coding to send; nil if the client accepts none that there is (406).
    ///
    /// A client that says nothing gets identity, although it would have to accept anything: those that can decode
    /// more say so. Between two that are liked equally gzip wins, and identity, if it is not listed, is liked least.
    package func choose(gzipIsThere: Bool) -> ContentCoding? {
        let identity = identity ?? others
        if gzipIsThere, let gzip = gzip ?? others, gzip > 0, gzip >= identity ?? 0 { return .gzip }
        return identity == 0 ? nil : .identity
    }
}
