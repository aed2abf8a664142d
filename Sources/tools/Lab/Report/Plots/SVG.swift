import Bytes

/// An SVG picture, written element by element. It has its own colours for light and dark, of the live page's; no scripts,
/// nothing to load.
struct SVG {
    static let width = 880.0
    static let fontSize = 12.0
    static let titleSize = 15.0

    private var body = ""

    mutating func element(_ name: String, _ attributes: KeyValuePairs<String, Value>, _ text: String? = nil) {
        body += "<\(name)\(SVG.text(of: attributes))"
        body += text.map { ">\(SVG.escape($0))</\(name)>\n" } ?? "/>\n"
    }

    /// With a title, which a browser shows to who points at it.
    mutating func element(
        _ name: String, _ attributes: KeyValuePairs<String, Value>, title: String
    ) {
        body += "<\(name)\(SVG.text(of: attributes))><title>\(SVG.escape(title))</title></\(name)>\n"
    }

    mutating func text(
        _ text: String, x: Double, y: Double, anchor: Anchor = .start, kind: String = "text", size: Double = fontSize
    ) {
        element(
            "text",
            [
                "x": .number(x), "y": .number(y), "class": .text(kind), "text-anchor": .text(anchor.rawValue),
                "font-size": .number(size),
            ],
            text)
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, kind: String) {
        element(
            "line", ["x1": .number(x1), "y1": .number(y1), "x2": .number(x2), "y2": .number(y2), "class": .text(kind)])
    }

    enum Anchor: String { case start, middle, end }

    enum Value {
        case number(Double)
        case text(String)
    }

    /// The whole document.
    func document(height: Double, title: String, description: String) -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(SVG.number(SVG.width)) \(SVG.number(height))" \
        width="\(SVG.number(SVG.width))" height="\(SVG.number(height))" role="img" aria-labelledby="title description">
        <title id="title">\(SVG.escape(title))</title>
        <desc id="description">\(SVG.escape(description))</desc>
        <style>\(SVG.style)</style>
        \(SVG.patterns)
        <rect class="surface" width="100%" height="100%" rx="8"/>
        \(body)</svg>

        """
    }

    // MARK: Colours

    /// As many as the live page has for pods; then the same again, striped, then striped the other way.
    static let colours = 10

    static func fill(_ index: Int) -> Value {
        let colour = index % colours
        switch index / colours % 3 {
        case 0: return .text("fill:var(--c\(colour))")
        case 1: return .text("fill:url(#p\(colour))")
        default: return .text("fill:url(#q\(colour))")
        }
    }

    static func stroke(_ index: Int) -> Value { .text("stroke:var(--c\(index % colours))") }

    private static let patterns: String = {
        let all = (0..<colours).flatMap { colour in
            [("p", 45), ("q", -45)].map { name, angle in
                """
                <pattern id="\(name)\(colour)" width="7" height="7" patternUnits="userSpaceOnUse" \
                patternTransform="rotate(\(angle))"><rect width="7" height="7" style="fill:var(--c\(colour))"/>\
                <rect width="2.5" height="7" class="stripe"/></pattern>
                """
            }
        }
        return "<defs>" + all.joined() + "</defs>"
    }()

    /// The colours are those of web/style/colours.css.
    private static let style = """

        svg { color-scheme: light dark; font-family: system-ui, sans-serif; font-variant-numeric: tabular-nums; \
        --surface: #ffffff; --text: #1b1f24; --quiet: #59636e; --line: #dde1e6; --edge: #7c8793; --problem: #b3261e; \
        --band: #e8f0fc; --c0: #2f6fc4; --c1: #c8640c; --c2: #12877b; --c3: #9454c4; --c4: #a07a00; --c5: #cf3f79; \
        --c6: #4d7f2a; --c7: #5f6f82; --c8: #1f86b8; --c9: #96543a }
        @media (prefers-color-scheme: dark) { svg { --surface: #181c21; --text: #e8ebee; --quiet: #a3adb8; \
        --line: #2c333b; --edge: #76828f; --problem: #ff938a; --band: #1b2a41; --c0: #6aa5f5; --c1: #f0964a; \
        --c2: #3fc2b3; --c3: #bf8ff0; --c4: #d9b53a; --c5: #f27faa; --c6: #8fc765; --c7: #9aa9bb; --c8: #55c6f2; \
        --c9: #d29a80 } }
        .surface, .stripe { fill: var(--surface) }
        text { fill: var(--text) }
        .quiet { fill: var(--quiet) }
        .heading { font-weight: 600 }
        .problem { fill: var(--problem) }
        .grid { stroke: var(--line) }
        .axis { stroke: var(--edge) }
        .mark { stroke: var(--text); stroke-dasharray: 3 3 }
        .area { stroke: var(--surface); stroke-width: 0.6 }
        .curve { fill: none; stroke-width: 2; stroke-linejoin: round }
        .band { fill: var(--band) }
        .limit { stroke: var(--problem); stroke-width: 2 }
        .dot { stroke: var(--surface) }

        """

    // MARK: Text

    private static func text(of attributes: KeyValuePairs<String, Value>) -> String {
        attributes.map { name, value in
            switch value {
            case .number(let number): " \(name)=\"\(SVG.number(number))\""
            case .text(let text): " \(name)=\"\(escape(text))\""
            }
        }.joined()
    }

    /// A tenth of a pixel is fine enough.
    static func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "0" }
        let tenths = Int((abs(value) * 10).rounded())
        let sign = value < 0 && tenths > 0 ? "-" : ""
        return "\(sign)\(tenths / 10)" + (tenths % 10 == 0 ? "" : ".\(tenths % 10)")
    }

    /// XML 1.0 has no controls but tab and line ends, escaped or not: they become a mark.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t", "\r": result += " "
            case _ where scalar.value < 0x20 || (0xFFFE...0xFFFF).contains(scalar.value): result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
