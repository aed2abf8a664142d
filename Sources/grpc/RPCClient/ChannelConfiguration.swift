package import Events
package import HTTP2
package import LoadBalancing
package import RPCCore
import Timing

/// What all calls of a channel share.
package struct ChannelConfiguration: Sendable {
    package var backoff = BackoffConfiguration.defaults
    /// Bytes of one received message; beyond it the call ends with RESOURCE_EXHAUSTED. nil: as the service config says,
    /// or 4 MiB. Of both, the smaller one.
    package var maxMessageBytes: Int?
    /// In force until the resolver brings another, and whenever it brings none.
    package var serviceConfig = ServiceConfig()
    /// Counts retries for several channels to the same servers; nil: the channel counts its own.
    package var retryThrottle: RetryThrottle?
    /// Bytes of requests that the channel's streams keep for another attempt, all together (gRFC A6 asks for such a limit;
    /// 16 MiB is grpc-java's). A stream that would keep more is sent once.
    package var retryBufferBytes = 16 << 20
    /// Of the messages that are sent, unless a call says otherwise.
    package var compression = MessageEncoding.identity
    package var keepalive = KeepaliveParameters.clientDefaults
    /// After so long without a call the channel goes to IDLE: connections, resolver and policy are given up until the next
    /// one. 30 minutes as in grpc-go and C core; nil: never.
    package var idleTimeout: Duration? = .seconds(30 * 60)
    /// How long the story of a first GOAWAY waits for the reason that the second one brings: a round trip, with time to
    /// spare.
    package var goAwayPatience = Duration.milliseconds(250)
    package var userAgent = "sample-service"
    package var http2 = HTTP2Configuration.defaults
    package var dialer: any Dialer = PlainSockets()

    package init() {}
}
