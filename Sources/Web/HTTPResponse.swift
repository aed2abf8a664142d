package import HTTP

/// What a handler answers. The server adds Date, Content-Length and Connection.
package struct HTTPResponse: Equatable, Sendable {
    package var head: HTTPResponseHead
    package var body: [UInt8]

    package init(status: HTTPStatus, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
        head = HTTPResponseHead(status: status, fields: fields)
        self.body = body
    }

    /// Plain UTF-8 text.
    package static func text(_ status: HTTPStatus, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
    }
}
