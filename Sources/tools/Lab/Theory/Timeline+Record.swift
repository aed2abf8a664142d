package import Instruments
package import Timing

extension Timeline {
    /// Answers and failures by when they came.
    package init(of record: LoadRecord, from start: Instant, marks: [(text: String, at: Instant)]) {
        self.init()
        self.marks = marks.map { Mark($0.text, at: ($0.at - start).inSeconds) }
        let step = Duration.milliseconds(500)
        let end = record.calls.map(\.ended).max() ?? start
        let steps = Int(max(0, (end - start).nanoseconds) / step.nanoseconds) + 1
        failed = Array(repeating: 0, count: steps)
        var places: [String: Int] = [:]
        for call in record.calls where call.ended >= start {
            let index = min(steps - 1, Int((call.ended - start).nanoseconds / step.nanoseconds))
            guard let pod = call.pod else {
                failed[index] += 1
                continue
            }
            let place = places[pod] ?? pods.count
            if place == pods.count {
                places[pod] = place
                pods.append(Series(pod: pod, counts: Array(repeating: 0, count: steps)))
            }
            pods[place].counts[index] += 1
        }
    }
}
