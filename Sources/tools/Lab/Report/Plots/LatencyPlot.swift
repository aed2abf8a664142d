/// What the given part of the calls did not exceed: both axes logarithmic, the horizontal one towards the slowest calls,
/// as HdrHistogram draws it.
struct LatencyPlot {
    private static let height = 260.0
    private static let shortest = 0.01
    private static let parts = [0, 0.5, 0.9, 0.99, 0.999, 0.9999]
    private static let names = ["0 %", "50 %", "90 %", "99 %", "99.9 %", "99.99 %"]
    private static let dashes = ["none", "7 4", "2 3", "10 3 2 3"]

    let title: String
    private let curves: [LatencyCurve]

    init(title: String, curves: [LatencyCurve]) {
        self.title = title
        self.curves = curves.filter { curve in
            curve.calls > 0 && !curve.points.isEmpty && curve.points.allSatisfy { $0.milliseconds.isFinite }
        }
    }

    /// nil without a curve.
    var svg: String? {
        guard !curves.isEmpty else { return nil }
        let labels = curves.map { curve in
            TextWidth.fit(
                "\(curve.name), p99 \(FigureText.value(curve.milliseconds(at: 0.99), .milliseconds))", within: 270,
                size: SVG.fontSize)
        }
        let right = SVG.width - 62 - (labels.map { TextWidth.of($0, size: SVG.fontSize) }.max() ?? 0)
        let top = 52.0
        let bottom = top + LatencyPlot.height
        let values = curves.flatMap { $0.points.map { max($0.milliseconds, LatencyPlot.shortest) } }
        let time = Axis.decades(around: values, from: bottom, top)
        let ticks = time.ticks.map { "\(Axis.label($0)) ms" }
        let left = 24 + (ticks.map { TextWidth.of($0, size: SVG.fontSize) }.max() ?? 0)
        let part = Axis(start: left, end: right, range: 0...4, isLogarithmic: false, ticks: [])

        var svg = SVG()
        svg.text(title, x: 16, y: 24, kind: "heading", size: SVG.titleSize)
        for (tick, label) in zip(time.ticks, ticks) {
            svg.line(left, time.place(tick), right, time.place(tick), kind: "grid")
            svg.text(
                label, x: left - 8, y: time.place(tick) + 4, anchor: .end, kind: "quiet")
        }
        for (tick, name) in zip(LatencyPlot.parts, LatencyPlot.names) {
            let x = part.place(LatencyPlot.depth(tick))
            svg.line(x, top, x, bottom, kind: "grid")
            svg.text(name, x: x, y: bottom + 19, anchor: .middle, kind: "quiet")
        }
        svg.line(left, bottom, right, bottom, kind: "axis")
        svg.text(
            "of the calls took no longer", x: (left + right) / 2, y: bottom + 40, anchor: .middle,
            kind: "quiet")
        for (index, curve) in curves.enumerated() {
            let path = LatencyPlot.path(curve, part, time)
            let y = top + 12 + 20 * Double(index)
            draw(&svg, path, index, title: curve.name)
            draw(&svg, "M\(SVG.number(right + 18)) \(SVG.number(y - 4))h26", index, title: curve.name)
            svg.text(labels[index], x: right + 50, y: y)
        }
        let end = max(bottom + 52, top + 24 + 20 * Double(curves.count))
        return svg.document(height: end, title: title, description: description)
    }

    private func draw(_ svg: inout SVG, _ path: String, _ index: Int, title: String) {
        svg.element(
            "path",
            [
                "d": .text(path), "class": .text("curve"),
                "stroke-dasharray": .text(LatencyPlot.dashes[index % LatencyPlot.dashes.count]),
                "style": SVG.stroke(index),
            ], title: title)
    }

    /// 0 for none of the calls, 1 for 90 %, 2 for 99 %, 3 for 99.9 %.
    private static func depth(_ part: Double) -> Double { -Decade.log10(max(1 - part, 0.00001)) }

    /// The slowest of n calls is the last n-th of them.
    private static func path(_ curve: LatencyCurve, _ part: Axis, _ time: Axis) -> String {
        let deepest = Decade.log10(Double(max(curve.calls, 1)))
        var path = ""
        var last = 0.0
        for point in curve.points {
            let x = max(last, min(depth(point.part), deepest))
            last = x
            let place = "\(SVG.number(part.place(x))) \(SVG.number(time.place(max(point.milliseconds, shortest))))"
            path += (path.isEmpty ? "M" : "L") + place
        }
        return path
    }

    private var description: String {
        curves.map { curve in
            let values = [("median", 0.5), ("p99", 0.99), ("p99.9", 0.999)].map { name, part in
                "\(name) \(FigureText.value(curve.milliseconds(at: part), .milliseconds))"
            }
            return "\(curve.name), \(curve.calls) calls: \(values.joined(separator: ", "))."
        }.joined(separator: " ")
    }
}
