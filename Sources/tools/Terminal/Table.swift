import Bytes

/// Columns as kubectl prints them: upper-case titles, three blanks between, no rules.
package struct Table: Equatable, Sendable {
    package var titles: [String]
    package var rows: [[String]] = []

    package init(_ titles: [String]) {
        self.titles = titles
    }

    package var text: String { Table.lay(out: [titles] + rows) }

    /// For so many columns: if they are too few, a row's first cell has a line of its own, and the others one below it, so
    /// that the terminal need not break any.
    package func text(columns: Int?) -> String {
        guard let columns, text.split(separator: "\n").contains(where: { $0.count > columns }) else { return text }
        let rest = Table.lay(out: ([titles] + rows).map { Array($0.dropFirst()) })
        return zip([titles] + rows, rest.split(separator: "\n", omittingEmptySubsequences: false))
            .map { "\($0.first ?? "")\n  \($1)\n" }.joined()
    }

    /// For so many columns, where the last one is a sentence: if there is no room for it even with two blanks between, it
    /// stands below its line.
    package func text(sentencesWithin width: Int) -> String {
        let lines = [titles] + rows
        for gap in [3, 2] {
            let text = Table.lay(out: lines, gap: gap)
            if Table.fits(text, width) { return text }
        }
        let others = lines.map { Array($0.dropLast()) }
        let wide = Table.lay(out: others)
        let text = Table.fits(wide, width) ? wide : Table.lay(out: others, gap: 2)
        return zip(lines, text.split(separator: "\n", omittingEmptySubsequences: false)).map { cells, line in
            let below = Paragraphs.item("", cells.last ?? "", column: 4, width: width)
            return ([String(line)] + below).map { $0 + "\n" }.joined()
        }.joined()
    }

    private static func fits(_ text: String, _ width: Int) -> Bool {
        text.split(separator: "\n").allSatisfy { Paragraphs.columns(of: $0) <= width }
    }

    private static func lay(out lines: [[String]], gap: Int = 3) -> String {
        let titles = lines.first ?? []
        let widths = titles.indices.map { column in
            lines.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return lines.map { line in
            let cells = zip(line, widths).enumerated().map { index, cell in
                // Nothing trails the last column.
                index == line.count - 1 ? cell.0 : cell.0.padded(to: cell.1)
            }
            return cells.joined(separator: String(repeating: " ", count: gap)) + "\n"
        }.joined()
    }
}

extension String {
    /// Filled with blanks on the right.
    package func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// Filled with blanks on the left.
    package func rightAligned(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
