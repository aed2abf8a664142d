/// How many letters have to be inserted, removed, replaced, or changed with their neighbour, to get from one word to
/// another (Damerau and Levenshtein, in the form of optimal string alignment).
package enum EditDistance {
    package static func between(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8.prefix(64))
        let right = Array(right.utf8.prefix(64))
        var before: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var next = [row + 1]
            for column in right.indices {
                let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
                var least = min(replaced, last[column + 1] + 1, next[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, before[column - 1] + 1)
                }
                next.append(least)
            }
            (before, last) = (last, next)
        }
        return last[right.count]
    }

    /// The word that was probably meant; nil if none is near: farther than a third of its letters it is another word and
    /// no slip.
    package static func nearest(to word: String, among words: some Sequence<String>) -> String? {
        let candidates = words.map { ($0, between($0, word)) }
        return candidates.min { $0.1 < $1.1 }.flatMap { $0.1 <= max(2, word.utf8.count / 3) ? $0.0 : nil }
    }
}
