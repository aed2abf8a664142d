extension WeightedRoundRobin {
    /// gRFC A58.
    package struct Parameters: Hashable, Sendable {
        /// For how long an endpoint has to report before its weight counts.
        package var blackoutPeriod: Duration
        /// For how long a weight counts without a new report.
        package var weightExpirationPeriod: Duration
        /// How often the weights are looked at; 100 ms at least.
        package let weightUpdatePeriod: Duration
        /// What part of a server an error counts as.
        package var errorUtilizationPenalty: Double

        package init(
            blackoutPeriod: Duration = .seconds(10), weightExpirationPeriod: Duration = .seconds(180),
            weightUpdatePeriod: Duration = .seconds(1), errorUtilizationPenalty: Double = 1
        ) {
            self.blackoutPeriod = blackoutPeriod
            self.weightExpirationPeriod = weightExpirationPeriod
            self.weightUpdatePeriod = max(weightUpdatePeriod, .milliseconds(100))
            self.errorUtilizationPenalty = errorUtilizationPenalty
        }

        init(_ reader: ConfigurationReader) throws(ConfigurationError) {
            let plain = Parameters()
            // What servers report outside of calls is not asked for here: better to say so than to have no weights.
            if try reader.flag("enableOobLoadReport") == true {
                throw reader.error(
                    "enableOobLoadReport", "reports outside of calls are not supported; false uses those on answers")
            }
            _ = try reader.duration("oobReportingPeriod")
            self.init(
                blackoutPeriod: try reader.duration("blackoutPeriod") ?? plain.blackoutPeriod,
                weightExpirationPeriod: try reader.duration("weightExpirationPeriod") ?? plain.weightExpirationPeriod,
                weightUpdatePeriod: try reader.duration("weightUpdatePeriod") ?? plain.weightUpdatePeriod,
                errorUtilizationPenalty: try reader.number("errorUtilizationPenalty") ?? plain.errorUtilizationPenalty)
        }
    }
}
