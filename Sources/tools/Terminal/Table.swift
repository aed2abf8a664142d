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

    private static func lay(out lines: [[String]]) -> String {
        let titles = lines.first ?? []
        let widths = titles.indices.map { column in
            lines.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return lines.map { line in
            let cells = zip(line, widths).enumerated().map { index, cell in
                // Nothing trails the last column.
                index == line.count - 1 ? cell.0 : cell.0.padded(to: cell.1)
            }
            return cells.joined(separator: "   ") + "\n"
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
