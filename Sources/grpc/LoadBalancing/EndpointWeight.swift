import Bytes
import RPCCore
import Timing

/// What an endpoint's load reports say of its weight (gRFC A58).
struct EndpointWeight {
    private var value = 0.0
    /// When the last report came that said something.
    private var updated: Instant?
    /// When the first one came, of those that have come without a break since it was connected.
    private var reportingSince: Instant?
    /// The last report as it came: a server sends the same one with many answers, and it need not be read again.
    private var lastReport: [UInt8] = []

    mutating func becameReady() { reportingSince = nil }

    /// The trailers of an answer, which may bring a report.
    mutating func note(_ trailers: Metadata, at now: Instant, penalty: Double) {
        trailers.forEach { key, value in
            guard key.equals("endpoint-load-metrics-bin") else { return }
            if !value.equals(lastReport.span) {
                guard let bytes = Base64.decode(value), let report = LoadReport(bytes.span),
                    let weight = EndpointWeight.weight(report, penalty: penalty)
                else { return }
                lastReport = Array(copying: value)
                self.value = weight
            }
            updated = now
            if reportingSince == nil { reportingSince = now }
        }
    }

    /// Calls a second for each part of the server that is busy, where an error counts as `penalty` parts. nil if the
    /// report says nothing, or nonsense.
    private static func weight(_ report: LoadReport, penalty: Double) -> Double? {
        let (calls, errors) = (report.callsPerSecond, report.errorsPerSecond)
        let utilization = report.applicationUtilization > 0 ? report.applicationUtilization : report.cpuUtilization
        guard utilization > 0, calls > 0, errors >= 0 else { return nil }
        let weight = calls / (utilization + errors / calls * penalty)
        return weight.isFinite && weight > 0 ? weight : nil
    }

    /// 0 if there is none that holds.
    mutating func current(at now: Instant, _ parameters: WeightedRoundRobin.Parameters) -> Double {
        guard let updated else { return 0 }
        guard now - updated < parameters.weightExpirationPeriod else {
            reportingSince = nil
            return 0
        }
        guard parameters.blackoutPeriod > .zero else { return value }
        guard let reportingSince, now - reportingSince >= parameters.blackoutPeriod else { return 0 }
        return value
    }
}
