/// gRFC A50. With neither of the two ways to find outliers nothing is counted and nobody is ejected.
package struct OutlierDetectionParameters: Hashable, Sendable {
    /// Ejects whose rate of success is far below the mean.
    package struct SuccessRate: Hashable, Sendable {
        /// How far: so many thousandths of a standard deviation.
        package var stdevFactor = 1900
        /// In how many of a hundred cases it is really done.
        package var enforcementPercentage = 100
        /// How many endpoints must have had enough calls.
        package var minimumHosts = 5
        /// How many calls in an interval are enough.
        package var requestVolume = 100

        package init() {}

        init(_ reader: ConfigurationReader) throws(ConfigurationError) {
            stdevFactor = try reader.count("stdevFactor") ?? stdevFactor
            enforcementPercentage = try reader.percentage("enforcementPercentage") ?? enforcementPercentage
            minimumHosts = try reader.count("minimumHosts") ?? minimumHosts
            requestVolume = try reader.count("requestVolume") ?? requestVolume
        }
    }

    /// Ejects who fails more often than is allowed, whatever the others do.
    package struct FailurePercentage: Hashable, Sendable {
        package var threshold = 85
        package var enforcementPercentage = 100
        package var minimumHosts = 5
        package var requestVolume = 50

        package init() {}

        init(_ reader: ConfigurationReader) throws(ConfigurationError) {
            threshold = try reader.percentage("threshold") ?? threshold
            enforcementPercentage = try reader.percentage("enforcementPercentage") ?? enforcementPercentage
            minimumHosts = try reader.count("minimumHosts") ?? minimumHosts
            requestVolume = try reader.count("requestVolume") ?? requestVolume
        }
    }

    /// How often the endpoints are looked at.
    package var interval = Duration.seconds(10)
    /// For how long one is ejected: times the number of its ejections, less the intervals it has been well for since.
    package var baseEjectionTime = Duration.seconds(30)
    /// The longest; the base at least.
    package var maxEjectionTime = Duration.seconds(300)
    /// When so many of a hundred are ejected, no further one is.
    package var maxEjectionPercent = 10
    package var successRate: SuccessRate?
    package var failurePercentage: FailurePercentage?

    package init(successRate: SuccessRate? = nil, failurePercentage: FailurePercentage? = nil) {
        self.successRate = successRate
        self.failurePercentage = failurePercentage
    }

    /// How long somebody stays away who is ejected for the so-manieth time.
    func ejectionTime(_ times: Int) -> Duration {
        min(baseEjectionTime * times, max(baseEjectionTime, maxEjectionTime))
    }

    init(_ reader: ConfigurationReader) throws(ConfigurationError) {
        interval = try reader.duration("interval") ?? interval
        baseEjectionTime = try reader.duration("baseEjectionTime") ?? baseEjectionTime
        maxEjectionTime = try reader.duration("maxEjectionTime") ?? maxEjectionTime
        maxEjectionPercent = try reader.percentage("maxEjectionPercent") ?? maxEjectionPercent
        if let reader = try reader.object("successRateEjection") { successRate = try SuccessRate(reader) }
        if let reader = try reader.object("failurePercentageEjection") {
            failurePercentage = try FailurePercentage(reader)
        }
    }
}

extension ConfigurationReader {
    fileprivate func count(_ key: String) throws(ConfigurationError) -> Int? {
        try integer(key, in: 0...Int(UInt32.max))
    }

    fileprivate func percentage(_ key: String) throws(ConfigurationError) -> Int? { try integer(key, in: 0...100) }
}
