import Bytes

/// Names as Kubernetes makes them: `sample-service-grpc-7d9f8c6b5-x2x4z`.
package enum PodName {
    /// Kubernetes' alphabet for generated names: no vowels, so no words; no 0, 1 and 3, which look like letters.
    private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")

    /// `revision` stands for the pod template: pods of the same revision share the middle part.
    package static func make(
        deployment: String, revision: String, using generator: inout some RandomNumberGenerator
    ) -> String {
        "\(deployment)-\(templateHash(revision))-\(suffix(using: &generator))"
    }

    /// The end of a generated name.
    package static func suffix(using generator: inout some RandomNumberGenerator) -> String {
        String((0..<5).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] })
    }

    package static func templateHash(_ revision: String) -> String {
        var hash = StableHash.of(revision)
        let count = UInt64(alphabet.count)
        return String(
            (0..<9).map { _ in
                defer { hash /= count }
                return alphabet[Int(hash % count)]
            })
    }
}

/// A hash that is the same in every process and on every machine (FNV-1a, 64 bits), unlike Swift's own.
package enum StableHash {
    package static func of(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { hash, byte in (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
}

extension UInt8 {
    /// Of a name as DNS and Kubernetes have it (RFC 1123 section 2.1, lower case): a–z, 0–9 and the dash.
    package var isLabelByte: Bool { (isASCIILetter && self >= 0x61) || isASCIIDigit || self == UInt8(ascii: "-") }
}
