/// Lines of Swift, indented. `swift format` breaks the long ones; `make proto` runs it.
struct CodeWriter {
    private static let width = 120

    private(set) var text = ""
    private var indentation = ""

    mutating func line(_ line: String = "") {
        text += line.isEmpty ? "\n" : "\(indentation)\(line)\n"
    }

    /// `head` with a brace, what `body` writes, and the brace at its end.
    mutating func block(_ head: String, end: String = "}", _ body: (inout CodeWriter) -> Void) {
        line("\(head) {")
        indented(body)
        line(end)
    }

    /// A function's head, its parameters on a line of their own if one line is too short for all.
    mutating func function(_ name: String, _ parameters: String, _ result: String, hasBody: Bool) {
        let brace = hasBody ? " {" : ""
        let whole = "\(name)(\(parameters))\(result)\(brace)"
        guard indentation.utf8.count + whole.utf8.count > CodeWriter.width else { return line(whole) }
        line("\(name)(")
        indented { $0.line(parameters) }
        line(")\(result)\(brace)")
    }

    mutating func indented(_ body: (inout CodeWriter) -> Void) {
        let outer = indentation
        indentation += "    "
        body(&self)
        indentation = outer
    }

    /// A documentation comment. Lines that are too long here are broken between words.
    mutating func comment(_ lines: [String]) {
        let width = CodeWriter.width - indentation.utf8.count - "/// ".utf8.count
        for line in lines {
            var rest = line[...]
            while rest.count > width, let space = rest.prefix(width + 1).lastIndex(of: " "), space > rest.startIndex {
                self.line("/// \(rest[..<space])")
                rest = rest[rest.index(after: space)...]
            }
            self.line(rest.isEmpty ? "///" : "/// \(rest)")
        }
    }
}
