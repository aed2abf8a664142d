/// Text with placeholders such as `@NAME@`.
package enum Template {
    /// Puts the values in. A placeholder without a value stays as it is, so that the program which reads the text names
    /// it in its complaint.
    package static func fill(_ text: String, with values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.reduce(text) { text, entry in
            text.replacingEvery("@\(entry.key)@", with: entry.value)
        }
    }

    /// The names that occur in the text.
    package static func placeholders(in text: String) -> Set<String> {
        // Every second piece between signs is a name, if it looks like one; a lone sign shifts nothing, because a name
        // has no blanks.
        let pieces = text.split(separator: "@", omittingEmptySubsequences: false)
        let names = pieces.dropFirst().dropLast().filter { piece in
            !piece.isEmpty && piece.utf8.allSatisfy { (0x41...0x5a).contains($0) || $0 == UInt8(ascii: "_") }
        }
        return Set(names.map(String.init))
    }
}

extension String {
    /// The standard library's `replacing` is as good; it costs the regular expression module.
    fileprivate func replacingEvery(_ pattern: String, with replacement: String) -> String {
        var result = ""
        var rest = self[...]
        while let range = rest.firstRange(of: pattern) {
            result += rest[..<range.lowerBound] + replacement
            rest = rest[range.upperBound...]
        }
        return result + rest
    }
}
