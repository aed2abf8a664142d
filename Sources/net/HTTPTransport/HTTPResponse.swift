package import HTTP
package import System
package import Telemetry

/// What a handler answers. The server adds Date, Content-Length or Transfer-Encoding, and Connection.
package struct HTTPResponse {
    package var head: HTTPResponseHead
    package var body: HTTPBody
    /// For the log: why this is not the answer that it should be.
    package var failure: RequestFailure?

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

/// The body of a response.
package enum HTTPBody {
    case bytes([UInt8])
    /// Goes from the file to the socket inside the kernel.
    case file(FileSlice)
    /// Is produced while it is sent: chunked for HTTP/1.1, up to the end of the connection for HTTP/1.0. Called in the
    /// handler's task, and not at all for HEAD. When it throws, the connection is cut, so that the client sees that
    /// something is missing.
    case stream((HTTPBodyWriter) async throws -> Void)

    /// What is in memory; nil for what is not.
    package var bytes: [UInt8]? {
        switch self {
        case .bytes(let bytes): bytes
        case .file, .stream: nil
        }
    }
}

/// Takes the pieces of a streamed response. Loop thread only; of use while the function that got it runs.
package struct HTTPBodyWriter {
    /// The client left, or took nothing for too long.
    package struct Disconnected: Error, Equatable {}

    private let connection: HTTPServerConnection
    private let request: Int

    init(_ connection: HTTPServerConnection, request: Int) {
        self.connection = connection
        self.request = request
    }

    /// Hands a piece to the kernel at once, and waits while the client is behind.
    package func write(_ bytes: [UInt8]) async throws(Disconnected) {
        guard await connection.writePiece(bytes, of: request) else { throw Disconnected() }
    }

    /// For the log: what the rest of the response could not be made of.
    package func tell(_ failure: RequestFailure) { connection.tell(failure, of: request) }
}
