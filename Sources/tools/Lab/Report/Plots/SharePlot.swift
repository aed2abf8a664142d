/// Which part of the calls each pod answered, over time, as stacked areas, with the events marked.
struct SharePlot {
    private static let left = 52.0
    private static let right = 20.0
    private static let height = 240.0
    /// As many steps as one can tell apart; more are put together.
    private static let mostSteps = 300
    private static let mostNames = 60
    private static let lane = 16.0
    private static let longestMark = 220.0

    let title: String
    private let pods: [Timeline.Series]
    private let failed: [Int]
    private let marks: [Timeline.Mark]
    private let stepSeconds: Double
    private let steps: Int

    init(mode: String, timeline: Timeline) {
        title = "Each pod's share of the calls, mode \(mode)"
        let count = max(timeline.failed.count, timeline.pods.map(\.counts.count).max() ?? 0)
        let factor = max(1, (count + SharePlot.mostSteps - 1) / SharePlot.mostSteps)
        let step = timeline.stepSeconds
        stepSeconds = (step.isFinite && step > 0 ? step : 1) * Double(factor)
        let steps = (count + factor - 1) / factor
        self.steps = steps
        pods = timeline.pods.map { Timeline.Series(pod: $0.pod, counts: SharePlot.merge($0.counts, factor, steps)) }
        failed = SharePlot.merge(timeline.failed, factor, steps)
        let end = stepSeconds * Double(steps)
        marks = timeline.marks.filter { (0...end).contains($0.second) }.sorted { $0.second < $1.second }
    }

    private static func merge(_ counts: [Int], _ factor: Int, _ steps: Int) -> [Int] {
        (0..<steps).map { step in
            counts.dropFirst(step * factor).prefix(factor).reduce(0) { $0 + max(0, $1) }
        }
    }

    /// nil if no call was made.
    var svg: String? {
        let totals = (0..<steps).map { step in pods.reduce(failed[step]) { $0 + $1.counts[step] } }
        guard totals.contains(where: { $0 > 0 }) else { return nil }
        let seconds = stepSeconds * Double(steps)
        let labels = marks.map { TextWidth.fit($0.text, within: SharePlot.longestMark, size: SVG.fontSize) }
        let time = Axis.linear(to: seconds, from: SharePlot.left, plotEnd(labels, seconds))
        let places = marks.map { time.place($0.second) }
        let lanes = SharePlot.lanes(places, labels)
        let top = 44 + SharePlot.lane * Double((lanes.max() ?? -1) + 1)
        let bottom = top + SharePlot.height
        let share = Axis(
            start: bottom, end: top, range: 0...100, isLogarithmic: false, ticks: [0, 20, 40, 60, 80, 100])

        var svg = SVG()
        svg.text(title, x: 16, y: 24, kind: "heading", size: SVG.titleSize)
        for tick in share.ticks {
            svg.line(SharePlot.left, share.place(tick), time.end, share.place(tick), kind: "grid")
            svg.text(
                "\(Axis.label(tick)) %", x: SharePlot.left - 8, y: share.place(tick) + 4, anchor: .end, kind: "quiet")
        }
        areas(&svg, totals, time, share)
        svg.line(SharePlot.left, bottom, time.end, bottom, kind: "axis")
        for tick in time.ticks {
            svg.line(time.place(tick), bottom, time.place(tick), bottom + 4, kind: "axis")
            svg.text("\(Axis.label(tick)) s", x: time.place(tick), y: bottom + 19, anchor: .middle, kind: "quiet")
        }
        for index in marks.indices {
            let baseline = top - 7 - SharePlot.lane * Double(lanes[index])
            svg.line(places[index], baseline - 10, places[index], bottom, kind: "mark")
            svg.element(
                "text",
                ["x": .number(places[index] + 4), "y": .number(baseline), "font-size": .number(SVG.fontSize)],
                labels[index])
        }
        let end = legend(&svg, from: bottom + 44)
        return svg.document(height: end + 12, title: title, description: description(totals))
    }

    /// Labels stand to the right of their lines; the last ones need room there.
    private func plotEnd(_ labels: [String], _ seconds: Double) -> Double {
        let end = SVG.width - SharePlot.right
        let needs = zip(marks, labels).map { mark, label in
            // The line at `x` and its label end within the picture.
            let part = mark.second / seconds
            let room = SVG.width - 8 - 4 - TextWidth.of(label, size: SVG.fontSize) - SharePlot.left
            return part > 0 ? SharePlot.left + room / part : end
        }
        return max(min(end, needs.min() ?? end), SharePlot.left + 200)
    }

    /// A lane for each label, counted from the plot upward: above all later ones that it would touch, so that no line
    /// crosses a label.
    private static func lanes(_ places: [Double], _ labels: [String]) -> [Int] {
        var lanes = Array(repeating: 0, count: places.count)
        for index in places.indices.reversed() {
            let end = places[index] + 4 + TextWidth.of(labels[index], size: SVG.fontSize) + 6
            let touched = places.indices.filter { $0 > index && places[$0] < end }
            lanes[index] = (touched.map { lanes[$0] }.max() ?? -1) + 1
        }
        return lanes
    }

    /// From the bottom up in the order of the first answers, failures on top. Steps without any call are gaps.
    private func areas(_ svg: inout SVG, _ totals: [Int], _ time: Axis, _ share: Axis) {
        var below = Array(repeating: 0, count: steps)
        for (index, series) in (pods + [Timeline.Series(pod: "failed", counts: failed)]).enumerated() {
            var path = ""
            var step = 0
            while step < steps {
                let first = step
                while step < steps, series.counts[step] > 0 { step += 1 }
                if step > first { path += outline(first..<step, series.counts, below, totals, time, share) }
                step += 1
            }
            for step in 0..<steps { below[step] += series.counts[step] }
            if path.isEmpty { continue }
            let fill = index == pods.count ? .text("fill:var(--problem)") : SVG.fill(index)
            svg.element("path", ["d": .text(path), "class": .text("area"), "style": fill], title: series.pod)
        }
    }

    private func outline(
        _ range: Range<Int>, _ counts: [Int], _ below: [Int], _ totals: [Int], _ time: Axis, _ share: Axis
    ) -> String {
        func x(_ step: Int) -> String { SVG.number(time.place(Double(step) * stepSeconds)) }
        func y(_ count: Int, _ step: Int) -> String {
            SVG.number(share.place(100 * Double(count) / Double(max(totals[step], 1))))
        }
        var path = "M\(x(range.lowerBound)) \(y(below[range.lowerBound], range.lowerBound))"
        for step in range { path += "V\(y(below[step] + counts[step], step))H\(x(step + 1))" }
        for step in range.reversed() { path += "V\(y(below[step], step))H\(x(step))" }
        return path + "Z"
    }

    /// Returns where it ends.
    private func legend(_ svg: inout SVG, from top: Double) -> Double {
        var entries = pods.enumerated().prefix(SharePlot.mostNames).map {
            (SVG.fill($0.offset), SharePlot.short($0.element.pod))
        }
        if pods.count > entries.count { entries.append((.text("fill:none"), "and \(pods.count - entries.count) more")) }
        if failed.contains(where: { $0 > 0 }) { entries.append((.text("fill:var(--problem)"), "failed")) }
        let widest = entries.map { TextWidth.of($0.1, size: SVG.fontSize) }.max() ?? 0
        let column = widest + 34
        let columns = max(1, Int((SVG.width - SharePlot.left - SharePlot.right) / column))
        for (index, entry) in entries.enumerated() {
            let x = SharePlot.left + column * Double(index % columns)
            let y = top + 18 * Double(index / columns)
            svg.element(
                "rect",
                [
                    "x": .number(x), "y": .number(y - 10), "width": .number(12), "height": .number(12),
                    "rx": .number(2),
                    "style": entry.0,
                ])
            svg.text(entry.1, x: x + 18, y: y)
        }
        return top + 18 * Double(max(0, entries.count - 1) / columns)
    }

    /// What tells pods of one Deployment apart: the last part of the name, as the live page has it.
    private static func short(_ pod: String) -> String {
        let last = pod.split(separator: "-").last.map(String.init) ?? pod
        return TextWidth.fit(last.isEmpty ? pod : last, within: 150, size: SVG.fontSize)
    }

    private func description(_ totals: [Int]) -> String {
        let calls = totals.reduce(0, +)
        let lost = failed.reduce(0, +)
        let events = marks.map { "\(FigureText.number($0.second, .seconds)) s: \($0.text)" }.joined(separator: "; ")
        return
            "Stacked areas over \(FigureText.number(stepSeconds * Double(steps), .seconds)) s: \(calls) calls, answered by "
            + "\(pods.count) pods, \(lost) failed." + (events.isEmpty ? "" : " Events: \(events).")
    }
}
