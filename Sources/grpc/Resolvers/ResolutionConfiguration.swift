package import RPCCore

/// When names are looked up.
package struct ResolutionConfiguration: Hashable, Sendable {
    /// Between the end of one look-up and the beginning of the next. 30 s, as in grpc-go.
    package var minimumInterval: Duration
    /// A look-up that takes longer has failed.
    package var lookupTimeout: Duration
    /// Waits after failed look-ups, and between look-ups while no subchannel is READY.
    package var backoff: BackoffConfiguration
    /// For so long after its start a resolver looks again at `minimumInterval`, whatever happens: servers that start
    /// together with their client are found one after the other, and none of them would be an event. Zero by default.
    package var startWindow: Duration
    /// Look again when the answer's time to live has passed. Off by default: only events cause look-ups then.
    package var refreshesAtTimeToLive: Bool

    package init(
        minimumInterval: Duration = .seconds(30), lookupTimeout: Duration = .seconds(30),
        backoff: BackoffConfiguration = .defaults, startWindow: Duration = .zero, refreshesAtTimeToLive: Bool = false
    ) {
        self.minimumInterval = minimumInterval
        self.lookupTimeout = lookupTimeout
        self.backoff = backoff
        self.startWindow = startWindow
        self.refreshesAtTimeToLive = refreshesAtTimeToLive
    }
}
