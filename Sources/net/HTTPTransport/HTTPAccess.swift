package import Addresses
package import HTTP
package import Telemetry

/// One finished request, for log and metrics; or, if `isRequest` is false, the end of a connection, for the log alone.
package struct HTTPAccess: Sendable {
    /// Empty, as is `target`, if the request could not be read so far.
    package var method: String
    /// Path and query as they were sent: visible ASCII.
    package var target: String
    /// The path, or the start of paths, under which the router found it; nil for what it does not know.
    package var route: String?
    /// 499 if the client left before the answer, or ended its output, which cancels the work, and a handler then failed
    /// or a stream was cut short; 500 if the service itself cut its response off, whatever status it had sent.
    package var status: HTTPStatus
    /// From the end of the header to the hand-over of the response, to its end where the body is a file or a stream.
    package var duration: Duration
    package var peer: SocketAddress?
    package var trace: RequestTrace?
    /// nil unless the trace is recorded here.
    package var caller: Caller?
    /// What was wrong with a request that no handler saw, or why its response was cut off; nil for all others.
    package var problem: String?
    /// What the handler said of a request that it could not answer as it should; nil if the client had left.
    package var failure: RequestFailure?
    /// False for a client that is cut off because it does not take responses that have been told of already: something
    /// for the log, and nothing to count.
    package var isRequest = true

    /// What a request says of whom it was meant for, and of who made it.
    /// An object, so that where there is none, which is so for most services, nothing is copied.
    package final class Caller: Sendable {
        package let host: String?
        package let userAgent: String?

        init(_ fields: HTTPFields) {
            host = fields["host"]
            userAgent = fields["user-agent"]
        }
    }
}
