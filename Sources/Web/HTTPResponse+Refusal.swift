import HTTP

extension HTTPResponse {
    /// Writes the last response of a connection: what it got is no request, or too much of one.
    static func appendRefusal(
        _ error: HTTP1Error, to method: HTTPMethod, date: String, into output: inout [UInt8]
    ) {
        let text = Array("\(error.message)\n".utf8)
        let head = HTTPResponseHead(status: error.status, fields: ["Content-Type": "text/plain; charset=utf-8"])
        var serializer = HTTP1ResponseSerializer(to: method, version: .http11, keepAlive: false)
        serializer.start(head, length: text.count, date: date, into: &output)
        serializer.write(text.span, into: &output)
        serializer.end(into: &output)
    }
}
