package import Addresses
import Events
package import HTTP
import System
import Timing

extension HTTPClient {
    /// Sends a request, on a connection of its own, and waits for the head of the response, at most `timeout`. Its body
    /// is then read as it comes, and has no limit but those of `limits` on everything else. Call it from a task on this
    /// client's loop.
    package func stream(
        _ request: HTTPClientRequest, to address: SocketAddress, timeout: Duration
    ) async throws(HTTPClientError) -> HTTPResponseStream {
        loop.preconditionCurrent()
        var limits = configuration.limits
        limits.bodyBytes = .max
        let response = HTTPStreamedResponse(request, to: address, on: loop, limits: limits)
        response.begin(by: configuration.dialer)
        return HTTPResponseStream(response, head: try await response.head(within: timeout))
    }
}

/// A response whose body is still coming. Loop thread only, and for one task. Whoever got it closes it.
package final class HTTPResponseStream {
    package let head: HTTPResponseHead
    private let response: HTTPStreamedResponse

    init(_ response: HTTPStreamedResponse, head: HTTPResponseHead) {
        self.response = response
        self.head = head
    }

    /// What has come of the body since the last call, or as soon as there is something; nil at its end. Where the pieces
    /// are cut means nothing. After an error every further call fails with the same one; and while nobody calls, the
    /// server is slowed down once `HTTPStreamedResponse.mostBufferedBytes` wait here.
    package func next(within timeout: Duration) async throws(HTTPClientError) -> [UInt8]? {
        try await response.next(within: timeout)
    }

    /// The rest of the body, if it has no more bytes than that.
    package func rest(limit: Int, within timeout: Duration) async throws(HTTPClientError) -> [UInt8] {
        let deadline = MonotonicClock.now + timeout
        var body: [UInt8] = []
        while let piece = try await next(within: deadline - MonotonicClock.now) {
            body += piece
            guard body.count <= limit else { throw response.tooLarge(limit) }
        }
        return body
    }

    /// Ends the connection, if it has not ended.
    package func close() { response.close() }
}
