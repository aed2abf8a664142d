import RPCClient
import RPCCore
import Telemetry

/// Writes one channel's events into the log, and into the history of all.
final class ChannelStoryteller: ClientTracer {
    private let history: ChannelHistory
    private let log: Log

    init(_ history: ChannelHistory, _ log: Log) {
        self.history = history
        self.log = log
    }

    /// Of calls it hears nothing: they cost as much as before.
    func callBegan(_ method: MethodDescriptor, _ metadata: Metadata) -> (any ClientCallTracer)? { nil }

    func channelEvent(_ event: ChannelEvent) {
        let members = history.add(event)
        log.tell(event.message(), of: "Channel", at: event.timeText, members)
    }
}
