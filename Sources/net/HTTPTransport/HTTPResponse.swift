package import HTTP
package import System

/// What a handler answers. The server adds Date, Content-Length or Transfer-Encoding, and Connection.
package struct HTTPResponse {
    package var head: HTTPResponseHead
    package var body: HTTPBody

    package init(status: HTTPStatus, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
        head = HTTPResponseHead(status: status, fields: fields)
        self.body = .bytes(body)
    }

    package init(status: HTTPStatus, fields: HTTPFields = HTTPFields(), file: FileSlice) {
        head = HTTPResponseHead(status: status, fields: fields)
        body = .file(file)
    }

    /// See `HTTPBody.stream`.
    package init(
        status: HTTPStatus, fields: HTTPFields = HTTPFields(),
        stream: @escaping (HTTPBodyWriter) async throws -> Void
    ) {
        head = HTTPResponseHead(status: status, fields: fields)
        body = .stream(stream)
    }

    /// Plain UTF-8 text.
    package static func text(_ status: HTTPStatus, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
    }
}
