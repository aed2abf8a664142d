package import RPCCore

/// What a caller may set for one call.
package struct CallOptions: Sendable {
    /// How long the call may take, waiting for a connection included; nil: for ever.
    package var timeout: Duration?
    /// Wait while there is no connection, instead of failing (wait-for-ready.md).
    package var waitForReady: Bool
    package var metadata: Metadata

    package init(timeout: Duration? = nil, waitForReady: Bool = false, metadata: Metadata = Metadata()) {
        self.timeout = timeout
        self.waitForReady = waitForReady
        self.metadata = metadata
    }
}
