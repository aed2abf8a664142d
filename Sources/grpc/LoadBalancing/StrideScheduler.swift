/// Says who is next, of so many by their weights, without anything to keep in order: the static stride scheduler of gRPC
/// (static_stride_scheduler.cc in C core, scheduler.go in grpc-go), which stands for the EDF queue of gRFC A58.
///
/// The sequence goes round all places; in each round a place is passed over as often as its weight falls short of the
/// greatest. So a pick looks at as many places as the greatest weight is times the mean: a few, however many there are.
struct StrideScheduler {
    private static let greatest = Double(UInt16.max)
    /// C core's: more than ten times the mean, or less than a tenth of it, is taken for a slip, and would make picks slow.
    private static let extremes = 0.1...10.0

    /// Empty for a plain round.
    private let weights: [UInt16]
    private let count: UInt64

    /// Weights of 0 are unknown, and count as the mean of those that are known. With fewer than two known, or all equal,
    /// it is a plain round. nil for none at all.
    init?(_ weights: [Double]) {
        guard !weights.isEmpty else { return nil }
        count = UInt64(weights.count)
        let known = weights.filter { $0 > 0 }
        guard known.count >= 2 else {
            self.weights = []
            return
        }
        let mean = known.reduce(0, +) / Double(known.count)
        let limits = mean * StrideScheduler.extremes.lowerBound...mean * StrideScheduler.extremes.upperBound
        let bounded = weights.map { $0 > 0 ? min(max($0, limits.lowerBound), limits.upperBound) : mean }
        guard let greatest = bounded.max(), greatest.isFinite else {
            self.weights = []
            return
        }
        let scaled = bounded.map { UInt16(($0 / greatest * StrideScheduler.greatest).rounded()) }
        self.weights = scaled.allSatisfy { $0 == scaled.first } ? [] : scaled
    }

    /// The next place. `sequence` counts on, from one scheduler to the next.
    func next(_ sequence: inout UInt32) -> Int {
        while true {
            let number = UInt64(sequence)
            sequence &+= 1
            let place = number % count
            if weights.isEmpty { return Int(truncatingIfNeeded: place) }
            let weight = UInt64(weights[Int(truncatingIfNeeded: place)])
            let round = number / count
            // Spreads those passed over; the offset, so that neighbours of the same weight are not in the same round.
            let limit = UInt64(UInt16.max)
            if (weight * round + place * (limit / 2)) % limit >= limit - weight {
                return Int(truncatingIfNeeded: place)
            }
        }
    }
}
