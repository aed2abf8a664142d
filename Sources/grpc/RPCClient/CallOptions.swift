package import RPCCore
package import Timing

/// What a caller may set for one call.
package struct CallOptions: Sendable {
    /// How long the call may take, waiting for a connection included; nil: for ever.
    package var timeout: Duration?
    /// Until when; the earlier of the two counts. A handler passes its own (`ServerContext.deadline`) to the calls that it
    /// makes.
    package var deadline: Instant
    /// Wait while there is no connection, instead of failing (wait-for-ready.md); nil: as the service config says, which
    /// is not to wait if it says nothing.
    package var waitForReady: Bool?
    package var metadata: Metadata
    /// How the messages of the request are compressed, where that makes them smaller; nil: as the channel's configuration
    /// says. Answers may come compressed whatever this is.
    package var compression: MessageEncoding?

    package init(
        timeout: Duration? = nil, deadline: Instant = .distantFuture, waitForReady: Bool? = nil,
        metadata: Metadata = Metadata(), compression: MessageEncoding? = nil
    ) {
        self.timeout = timeout
        self.deadline = deadline
        self.waitForReady = waitForReady
        self.metadata = metadata
        self.compression = compression
    }
}
