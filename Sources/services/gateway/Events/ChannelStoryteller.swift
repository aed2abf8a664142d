import RPCClient
import RPCCore
import Telemetry

/// Writes one channel's events into the log, and into the history of all.
final class ChannelStoryteller: ClientTracer {
    private let history: ChannelHistory
    private let log: Log
    private let pods: PodDirectory

    init(_ history: ChannelHistory, _ log: Log, _ pods: PodDirectory) {
        self.history = history
        self.log = log
        self.pods = pods
    }

    /// They cost as much as without it.
    let hearsCalls = false

    func callBegan(_ method: MethodDescriptor, _ metadata: Metadata) -> (any ClientCallTracer)? { nil }

    func channelEvent(_ event: ChannelEvent) {
        let pod = event.address.flatMap(pods.name)
        let members = history.add(event, pod: pod)
        log.tell(event.message(name: pod), of: "Channel", at: event.timeText, members)
    }
}
