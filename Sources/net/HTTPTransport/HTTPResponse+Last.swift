import HTTP

extension HTTPResponse {
    /// Writes this as the last response of a connection: what came in is no request, or too much of one.
    func appendAsLast(to method: HTTPMethod, date: String, into output: inout [UInt8]) {
        var serializer = HTTP1ResponseSerializer(to: method, version: .http11, keepAlive: false)
        serializer.start(head, length: body.length, date: date, into: &output)
        if let bytes = body.bytes { serializer.write(bytes.span, into: &output) }
        serializer.end(into: &output)
    }
}
