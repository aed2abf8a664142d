extension PeakEWMA {
    /// The names are this build's own: gRPC has no such policy.
    package struct Parameters: Hashable, Sendable {
        /// After this long without answers 37 % of a value are left.
        package var decayTime: Duration
        /// What an endpoint's answers are taken to take before there was one.
        package var defaultLatency: Duration
        /// An answer that fails by the server's fault counts as taking this long at least. Without, a server that fails
        /// in 1 ms wins every draw, 2 in n of all calls; 5 s is what Linkerd's load-biaser takes.
        package var failurePenalty: Duration

        package init(
            decayTime: Duration = .seconds(10), defaultLatency: Duration = .milliseconds(30),
            failurePenalty: Duration = .seconds(5)
        ) {
            self.decayTime = decayTime
            self.defaultLatency = defaultLatency
            self.failurePenalty = failurePenalty
        }

        init(_ reader: ConfigurationReader) throws(ConfigurationError) {
            self.init()
            if let time = try reader.duration("decayTime") {
                // As in Linkerd: less would be no memory at all.
                guard time >= .milliseconds(1) else { throw reader.error("decayTime", "it is less than 0.001s") }
                decayTime = time
            }
            defaultLatency = try reader.duration("defaultLatency") ?? defaultLatency
            failurePenalty = try reader.duration("failurePenalty") ?? failurePenalty
        }
    }
}
