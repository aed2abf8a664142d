/// Each new pod's time from readiness to its first call, mode by mode, beside the predicted limit.
struct NoticePlot {
    static let title = "How soon new pods get calls: seconds from readiness to the first one"

    private static let row = 34.0
    private static let top = 64.0
    private static let shortest = 0.01

    private struct Row {
        let mode: String
        let seconds: [Double]
        let never: Int
        /// nil: theory has no limit.
        let limit: Double?

        init(_ report: ModeReport) {
            mode = TextWidth.fit(report.mode, within: 180, size: SVG.fontSize)
            seconds = report.noticeSeconds.compactMap(\.self).filter(\.isFinite)
            never = report.noticeSeconds.count - seconds.count
            let bound = report.figures.first { $0.trial == "scale-out" && $0.unit == .seconds }?.prediction.bounds
                .upperBound
            limit = bound.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
        }

        var text: String {
            let measured =
                if let first = seconds.min(), let last = seconds.max() {
                    first == last
                        ? FigureText.value(first, .seconds)
                        : "\(FigureText.number(first, .seconds)) – \(FigureText.value(last, .seconds))"
                } else { "" }
            let idle = never == 0 ? "" : seconds.isEmpty ? "none of \(never) new pods" : "\(never) never"
            return [measured, idle].filter { !$0.isEmpty }.joined(separator: ", ")
        }

        var prediction: String { limit.map { "at most \(FigureText.value($0, .seconds))" } ?? "no limit" }
    }

    private let rows: [Row]

    init(_ modes: [ModeReport]) {
        rows = modes.filter { $0.skipped == nil && !$0.noticeSeconds.isEmpty }.map(Row.init)
    }

    /// nil if no pod was added in any mode.
    var svg: String? {
        guard !rows.isEmpty else { return nil }
        func widest(_ texts: [String]) -> Double { texts.map { TextWidth.of($0, size: SVG.fontSize) }.max() ?? 0 }
        let left = 28 + widest(rows.map(\.mode))
        let predicted = SVG.width - 16 - widest(rows.map(\.prediction) + ["predicted"])
        let measured = predicted - 20 - widest(rows.map(\.text) + ["measured"])
        let right = measured - 24
        let bottom = NoticePlot.top + NoticePlot.row * Double(rows.count)
        let values = rows.flatMap { $0.seconds + ($0.limit.map { [$0] } ?? []) }.map { max($0, NoticePlot.shortest) }
        let time = Axis.decades(around: values, from: left, right)

        var svg = SVG()
        svg.text(NoticePlot.title, x: 16, y: 24, kind: "heading", size: SVG.titleSize)
        svg.text("measured", x: measured, y: NoticePlot.top - 10, kind: "quiet")
        svg.text("predicted", x: predicted, y: NoticePlot.top - 10, kind: "quiet")
        for (index, row) in rows.enumerated() {
            let y = NoticePlot.top + NoticePlot.row * (Double(index) + 0.5)
            if let limit = row.limit {
                svg.element(
                    "rect",
                    [
                        "x": .number(left), "y": .number(y - 12), "width": .number(time.place(limit) - left),
                        "height": .number(24), "class": .text("band"),
                    ])
            }
        }
        for tick in time.ticks {
            svg.line(time.place(tick), NoticePlot.top, time.place(tick), bottom, kind: "grid")
            svg.text("\(Axis.label(tick)) s", x: time.place(tick), y: bottom + 19, anchor: .middle, kind: "quiet")
        }
        svg.line(left, bottom, right, bottom, kind: "axis")
        for (index, row) in rows.enumerated() {
            let y = NoticePlot.top + NoticePlot.row * (Double(index) + 0.5)
            svg.text(row.mode, x: left - 12, y: y + 4, anchor: .end)
            if let limit = row.limit { svg.line(time.place(limit), y - 12, time.place(limit), y + 12, kind: "limit") }
            for seconds in row.seconds {
                svg.element(
                    "circle",
                    [
                        "cx": .number(time.place(max(seconds, NoticePlot.shortest))), "cy": .number(y), "r": .number(5),
                        "class": .text("dot"), "style": .text("fill:var(--c0);fill-opacity:0.75"),
                    ], title: FigureText.value(seconds, .seconds))
            }
            svg.text(row.text, x: measured, y: y + 4)
            svg.text(row.prediction, x: predicted, y: y + 4)
        }
        return svg.document(height: bottom + 34, title: NoticePlot.title, description: description)
    }

    private var description: String {
        rows.map { "\($0.mode): \($0.text), predicted \($0.prediction)." }.joined(separator: " ")
    }
}
