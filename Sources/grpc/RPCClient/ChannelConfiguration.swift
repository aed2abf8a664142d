package import Events
package import HTTP2
package import RPCCore

/// What all calls of a channel share.
package struct ChannelConfiguration: Sendable {
    package var backoff = BackoffConfiguration.defaults
    /// Bytes of one received message; beyond it the call ends with RESOURCE_EXHAUSTED.
    package var maxMessageBytes = MessageFraming.defaultMaxMessageBytes
    /// nil: what a server has failed is not tried again.
    package var retryPolicy: RetryPolicy?
    /// Of the messages that are sent, unless a call says otherwise.
    package var compression = MessageEncoding.identity
    package var keepalive = KeepaliveParameters.clientDefaults
    package var userAgent = "sample-service"
    package var http2 = HTTP2Configuration.defaults
    package var dialer: any Dialer = PlainSockets()

    package init() {}
}
