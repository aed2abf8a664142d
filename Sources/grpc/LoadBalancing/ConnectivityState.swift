/// The state of a channel or a subchannel (gRPC's connectivity-semantics-and-api.md).
package enum ConnectivityState: String, Hashable, Sendable, CaseIterable {
    case idle = "IDLE"
    case connecting = "CONNECTING"
    case ready = "READY"
    case transientFailure = "TRANSIENT_FAILURE"
    case shutdown = "SHUTDOWN"
}
