package import HTTP
package import HTTPTransport
package import JSON

extension HTTPResponse {
    /// One JSON object on one line; `body` writes its members.
    package static func json(_ status: HTTPStatus, _ body: (inout JSONWriter) -> Void) -> HTTPResponse {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        body(&writer)
        writer.endObject()
        writer.endLine()
        return HTTPResponse(status: status, fields: ["Content-Type": "application/json"], body: writer.bytes)
    }
}
