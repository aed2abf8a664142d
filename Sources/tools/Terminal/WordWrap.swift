/// Lines that a terminal need not break.
package enum WordWrap {
    /// The words of `text` in lines of at most `width` characters; a word that is longer has a line of its own. As it is
    /// if there is no width, or one in which nothing can be read.
    package static func lines(_ text: String, width: Int?) -> [String] {
        guard let width, width >= 20, text.count > width else { return [text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }
}
