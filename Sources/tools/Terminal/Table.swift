import Bytes

/// Columns as kubectl prints them: upper-case titles, three blanks between, no rules.
package struct Table: Equatable, Sendable {
    package var titles: [String]
    package var rows: [[String]] = []

    package init(_ titles: [String]) {
        self.titles = titles
    }

    package var text: String { layOut([titles] + rows, gap: 3).map { $0 + "\n" }.joined() }

    /// The same in so many columns, if that is possible: with two blanks between, and else with what the last column says
    /// below the line that it belongs to.
    package func text(width: Int) -> String {
        let lines = [titles] + rows
        for gap in [3, 2] {
            let result = layOut(lines, gap: gap)
            if fits(result, width) { return result.map { $0 + "\n" }.joined() }
        }
        let others = lines.map { Array($0.dropLast()) }
        let wide = layOut(others, gap: 3)
        let result = fits(wide, width) ? wide : layOut(others, gap: 2)
        return zip(result, lines).map { line, cells in
            let below = Paragraphs.item("", cells.last ?? "", column: Table.indent, width: width)
            return ([line] + below).map { $0 + "\n" }.joined()
        }.joined()
    }

    private static let indent = 4

    private func fits(_ lines: [String], _ width: Int) -> Bool {
        lines.allSatisfy { Paragraphs.columns(of: $0) <= width }
    }

    private func layOut(_ lines: [[String]], gap: Int) -> [String] {
        let widths = titles.indices.map { column in
            lines.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return lines.map { line in
            let cells = zip(line, widths).enumerated().map { index, cell in
                // Nothing trails the last column.
                index == line.count - 1 ? cell.0 : cell.0.padded(to: cell.1)
            }
            return cells.joined(separator: String(repeating: " ", count: gap))
        }
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
