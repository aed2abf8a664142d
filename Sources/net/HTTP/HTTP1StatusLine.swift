import Bytes

/// `HTTP/1.x SP 3DIGIT SP [reason]` (RFC 9112 section 4).
package struct HTTP1StatusLine: HTTP1StartLine {
    package let status: HTTPStatus
    package let version: HTTPVersion

    package static let name = "status line"
    package static let excess = HTTPStatus.badGateway

    /// None: empty lines are what clients send.
    package static func emptyLines(within limits: HTTP1Limits) -> Int { 0 }

    package init(_ line: Span<UInt8>) throws(HTTP1Error) {
        let malformed = HTTP1Error(.badGateway, "the status line is malformed; expected 'HTTP/1.1 200 OK'")
        guard line.count >= 13, line[12] == 0x20, line[8] == 0x20,
            let version = HTTP1Syntax.version(line.extracting(0..<8)), version.major == 1,
            let code = Decimal.number(line.extracting(9..<12)), (100..<600).contains(code)
        else { throw malformed }
        let reason = line.extracting(droppingFirst: 13)
        for index in reason.indices where !HTTP1Syntax.isValueByte(reason[index]) { throw malformed }
        status = HTTPStatus(code: UInt16(code), reason: HTTP1Syntax.text(reason))
        self.version = version.minor == 0 ? .http10 : .http11
    }

    /// `method` is the request's. RFC 9112 section 6.3, and section 9.3 for the connection's life.
    package func opening(
        _ fields: HTTPFields, _ method: HTTPMethod
    ) throws(HTTP1Error) -> HTTP1Opening<HTTPResponseHead> {
        if (100..<200).contains(status.code) {
            guard status.code != 101 else {
                throw HTTP1Error(.badGateway, "the server switched protocols; no upgrade was asked for")
            }
            return .interim
        }
        let isChunked = try HTTP1Syntax.isChunked(fields, version: version)
        let length = try HTTP1Syntax.contentLength(fields)
        let keepAlive = HTTP1Syntax.keepAlive(fields, version: version)
        let head = HTTPResponseHead(status: status, fields: fields)
        if status.forbidsBody || method == .head { return .message(head, .length(0), keepAlive: keepAlive) }
        if isChunked { return .message(head, .chunked, keepAlive: keepAlive) }
        if let length { return .message(head, .length(length), keepAlive: keepAlive) }
        return .message(head, .untilClose, keepAlive: false)
    }
}
