import JSON
import LoadBalancing
import RPCClient
import Timing

extension ChannelSnapshot.Subchannel {
    /// What the policy knows of the server there.
    func writeAccount(at now: Instant, to writer: inout JSONWriter) {
        writer.key("weight")
        if let weight = account?.weight { writer.double(weight) } else { writer.null() }
        writer.key("latencyMilliseconds")
        if let latency = account?.latency {
            writer.double(Double(latency.nanoseconds / 1_000) / 1_000)
        } else {
            writer.null()
        }
        writer.key("ejection")
        guard let ejection = account?.ejection else { return writer.null() }
        writer.beginObject()
        writer.member("failed", ejection.failed)
        writer.member("calls", ejection.calls)
        writer.member("secondsAgo", seconds: now - ejection.since)
        writer.member("secondsLeft", seconds: max(ejection.end - now, .zero))
        writer.endObject()
    }
}
