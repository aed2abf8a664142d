/// Text for people, in lines that no terminal needs to break inside a word.
package enum Paragraphs {
    /// Fits a terminal of 80 columns that has something beside it, and a mail that quotes it.
    package static let width = 72

    /// The text in lines of at most `width` columns; only a word that is longer by itself is not broken. Lines that begin
    /// at the left belong to one paragraph; one that is indented stands for itself, and goes on below its own text, or
    /// below what follows two blanks: the second column of a list.
    package static func fit(_ text: String, width: Int = width) -> String {
        var result: [String] = []
        var paragraph: [Substring] = []
        func endParagraph() {
            // As it was laid out, if that fits.
            if paragraph.allSatisfy({ columns(of: $0) <= width }) {
                result += paragraph.map(String.init)
            } else {
                result += wrap(paragraph.joined(separator: " "), indent: 0, width: width)
            }
            paragraph = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty || line.hasPrefix(" ") {
                endParagraph()
                result += columns(of: line) <= width ? [String(line)] : wrapItem(line, width: width)
            } else {
                paragraph.append(line)
            }
        }
        endParagraph()
        return result.joined(separator: "\n")
    }

    /// `head`, and beside it from column `column` on the text; below it, if the head is too long.
    package static func item(_ head: String, _ text: String, column: Int, width: Int = width) -> [String] {
        let lines = wrap(text, indent: column, width: width)
        guard columns(of: head) + 2 <= column, let first = lines.first else { return [head] + lines }
        let gap = String(repeating: " ", count: column - columns(of: head))
        return [head + gap + first.drop { $0 == " " }] + lines.dropFirst()
    }

    /// How many columns a terminal needs for a line. Escape sequences such as `ESC [ 1 m` need none.
    package static func columns(of line: some StringProtocol) -> Int {
        var count = 0
        var isEscape = false
        for character in line {
            if character == "\u{1b}" {
                isEscape = true
            } else if isEscape {
                isEscape = !character.isLetter
            } else {
                count += 1
            }
        }
        return count
    }

    private static func wrapItem(_ line: Substring, width: Int) -> [String] {
        let indent = line.prefix { $0 == " " }.count
        if let gap = line.dropFirst(indent).firstRange(of: "  ") {
            let text = line[gap.lowerBound...].drop { $0 == " " }
            let column = columns(of: line[..<text.startIndex])
            // A column that leaves less than a third of the line is none.
            if column <= width * 2 / 3 {
                return item(
                    String(line[..<gap.lowerBound]), String(text), column: column, width: width)
            }
        }
        return wrap(String(line.dropFirst(indent)), indent: indent, width: width)
    }

    private static func wrap(_ text: String, indent: Int, width: Int) -> [String] {
        let blanks = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        var used = 0
        for word in text.split(separator: " ") {
            let length = columns(of: word)
            if !line.isEmpty, indent + used + 1 + length > width {
                lines.append(blanks + line)
                line = ""
                used = 0
            }
            used += (line.isEmpty ? 0 : 1) + length
            line += line.isEmpty ? String(word) : " \(word)"
        }
        return lines + [blanks + line]
    }
}
