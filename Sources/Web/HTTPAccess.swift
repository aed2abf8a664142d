package import Addresses
package import HTTP

/// One finished request, for the access log.
package struct HTTPAccess: Sendable {
    /// Empty, as is `target`, if the request could not be read so far.
    package var method: String
    /// Path and query as they were sent: visible ASCII.
    package var target: String
    /// 499 if the client left before the answer.
    package var status: HTTPStatus
    /// From the end of the header to the hand-over of the response.
    package var duration: Duration
    package var peer: SocketAddress?
    /// What was wrong with a request that no handler saw; nil for all others.
    package var problem: String?
}
