/// How wide a text is, without a font to ask: that of DejaVu Sans, which is wider than what other systems have for
/// `sans-serif`, so that texts which do not overlap by this do not anywhere.
package enum TextWidth {
    /// In thousandths of the font's size, from the blank on.
    private static let ascii = [
        318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636,
        636,
        636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557,
        863,
        748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550,
        635,
        615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525,
        636,
        337, 636, 838,
    ]
    /// Every other character counts as a square.
    private static let other = 1000

    package static func of(_ text: String, size: Double) -> Double {
        let thousandths = text.unicodeScalars.reduce(0) { sum, scalar in
            let index = Int(scalar.value) - 32
            return sum + (ascii.indices.contains(index) ? ascii[index] : other)
        }
        return Double(thousandths) / 1000 * size
    }

    /// The text, or its beginning with `…`, if that is too wide.
    package static func fit(_ text: String, within width: Double, size: Double) -> String {
        if of(text, size: size) <= width { return text }
        var text = text
        while !text.isEmpty, of(text + "…", size: size) > width { text.removeLast() }
        return text + "…"
    }
}
