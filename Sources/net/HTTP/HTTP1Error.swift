/// A violation of HTTP/1.1 or of a limit. Where the message ends is unknown after it, so the connection has to close.
package struct HTTP1Error: Error, Equatable {
    /// What a server answers; a client that reads a bad response has no use for it.
    package var status: HTTPStatus
    /// What was wrong and what was expected; quotes no more of the peer's bytes than one.
    package var message: String

    package init(_ status: HTTPStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}

extension HTTP1Error: CustomStringConvertible {
    package var description: String { message }
}
