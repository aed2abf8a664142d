extension LeastRequest {
    /// gRFC A48.
    package struct Parameters: Hashable, Sendable {
        package static let choices = 2...10

        /// How many endpoints are compared. The second brings nearly all that there is to gain (Mitzenmacher, 2001).
        package let choiceCount: Int

        package init(choiceCount: Int = 2) {
            self.choiceCount = min(max(choiceCount, Parameters.choices.lowerBound), Parameters.choices.upperBound)
        }

        /// More than ten count as ten, fewer than two are an error.
        init(_ reader: ConfigurationReader) throws(ConfigurationError) {
            let count = try reader.integer("choiceCount", in: 0...Int(UInt32.max)) ?? 2
            guard count >= Parameters.choices.lowerBound else {
                let choices = "\(Parameters.choices.lowerBound)...\(Parameters.choices.upperBound)"
                throw reader.error("choiceCount", "\(count) is not in \(choices)")
            }
            self.init(choiceCount: count)
        }
    }
}
