package import Instruments
import Timing

extension LatencyCurve {
    /// The name of what the others stand beside.
    package static let undisturbed = "undisturbed"

    /// Parts of the calls that the curve has, the densest where the slowest are.
    package static let parts = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 1]

    /// Of all calls, those that failed too; nil without any.
    package init?(_ name: String, of record: LoadRecord) {
        let sorted = record.calls.map(\.latency.nanoseconds).sorted()
        guard !sorted.isEmpty else { return nil }
        self.init(
            name: name, calls: sorted.count,
            points: LatencyCurve.parts.map { part in
                let index = LatencyCurve.index(of: part, in: sorted.count)
                return Point(part, Double(sorted[index]) / 1_000_000)
            })
    }

    /// Calls that took longer than what this part did not exceed, or as long.
    package func slower(than part: Double) -> Int { max(0, calls - 1 - LatencyCurve.index(of: part, in: calls)) }

    private static func index(of part: Double, in count: Int) -> Int { min(count - 1, Int(Double(count) * part)) }

    /// nil if the curve has no such part.
    package func milliseconds(at part: Double) -> Double? { points.first { $0.part == part }?.milliseconds }
}

extension [LatencyCurve] {
    /// nil: it was not measured.
    package var undisturbed: LatencyCurve? { first { $0.name == LatencyCurve.undisturbed } }
}
