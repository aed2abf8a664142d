import Bytes

/// `METHOD SP target SP HTTP/x.y` (RFC 9112 section 3).
package struct HTTP1RequestLine: HTTP1StartLine, Equatable {
    package let method: HTTPMethod
    package let target: String
    package let version: HTTPVersion

    package static let name = "request line"
    package static let excess = HTTPStatus.uriTooLong

    package static func emptyLines(within limits: HTTP1Limits) -> Int { limits.emptyLinesBeforeRequest }

    package init(_ line: Span<UInt8>) throws(HTTP1Error) {
        if line.isEmpty { throw HTTP1Error(.badRequest, "too many empty lines; expected a request line") }
        var methodEnd = 0
        while methodEnd < line.count, HTTP1Syntax.isTokenCharacter(line[methodEnd]) { methodEnd += 1 }
        guard methodEnd > 0, methodEnd < line.count, line[methodEnd] == 0x20 else {
            throw HTTP1Error(.badRequest, "the request line does not start with a method and one space")
        }
        var targetEnd = methodEnd + 1
        while targetEnd < line.count, HTTP1RequestLine.isTargetByte(line[targetEnd]) { targetEnd += 1 }
        guard targetEnd > methodEnd + 1, targetEnd < line.count, line[targetEnd] == 0x20 else {
            throw HTTP1Error(
                .badRequest, "the request target is not visible ASCII without '#', followed by one space and a version")
        }
        version = try HTTP1RequestLine.version(line.extracting(droppingFirst: targetEnd + 1))
        method = HTTP1RequestLine.method(line.extracting(0..<methodEnd))
        target = HTTP1Syntax.text(line.extracting(methodEnd + 1..<targetEnd))
        try checkTargetForm()
    }

    /// A fragment is never sent; everything else that URIs forbid but browsers send is left to the router.
    private static func isTargetByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "#")
    }

    /// The usual methods without making a new string.
    private static func method(_ name: Span<UInt8>) -> HTTPMethod {
        switch (name.count, name[0]) {
        case (3, UInt8(ascii: "G")) where name[1] == UInt8(ascii: "E") && name[2] == UInt8(ascii: "T"): .get
        default: HTTPMethod(HTTP1Syntax.text(name))
        }
    }

    private static func version(_ text: Span<UInt8>) throws(HTTP1Error) -> HTTPVersion {
        guard let version = HTTP1Syntax.version(text) else {
            throw HTTP1Error(.badRequest, "the request line does not end with a version; expected HTTP/1.1")
        }
        guard version.major == 1 else {
            throw HTTP1Error(.versionNotSupported, "the version is not supported; expected HTTP/1.1 or HTTP/1.0")
        }
        return version.minor == 0 ? .http10 : .http11
    }

    /// RFC 9112 section 3.2: a path, a whole http URI, or `*` for OPTIONS. `host:port` belongs to CONNECT, which asks
    /// for a tunnel and is not supported.
    private func checkTargetForm() throws(HTTP1Error) {
        if method == .connect { throw HTTP1Error(.notImplemented, "CONNECT is not supported") }
        if target.utf8.first == UInt8(ascii: "/") { return }
        if target == "*", method == .options { return }
        let start = target.prefix(8).lowercased()
        let scheme = start.hasPrefix("http://") ? 7 : start == "https://" ? 8 : 0
        guard scheme > 0 else {
            throw HTTP1Error(.badRequest, "the request target is neither a path that starts with '/' nor an http URI")
        }
        try HTTP1RequestLine.checkAuthority(
            target.utf8.dropFirst(scheme).prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") })
    }

    /// RFC 9110 section 4.2: an http URI without a host is invalid, and user information in one hides what the host is.
    private static func checkAuthority(_ authority: Substring.UTF8View) throws(HTTP1Error) {
        guard let first = authority.first, first != UInt8(ascii: ":"), authority.allSatisfy(HTTP1Syntax.isHostByte)
        else {
            throw HTTP1Error(
                .badRequest, "the request target's host is not a name or address with an optional port")
        }
    }

    package func opening(_ fields: HTTPFields, _: Void) throws(HTTP1Error) -> HTTP1Opening<HTTPRequestHead> {
        try checkHost(fields)
        let framing: HTTPBodyFraming =
            try HTTP1Syntax.isChunked(fields, version: version)
            ? .chunked : .length(try HTTP1Syntax.contentLength(fields) ?? 0)
        let head = HTTPRequestHead(
            method: method, target: target, version: version, fields: fields, framing: framing,
            keepAlive: HTTP1Syntax.keepAlive(fields, version: version), expectsContinue: try expectsContinue(fields))
        return .message(head, framing, keepAlive: head.keepAlive)
    }

    private func checkHost(_ fields: HTTPFields) throws(HTTP1Error) {
        var count = 0
        for field in fields.all where HTTPFields.equalNames(field.name, "host") {
            count += 1
            guard HTTP1Syntax.isHost(field.value.utf8.span) else {
                throw HTTP1Error(.badRequest, "the Host field is not a name or address with an optional port")
            }
        }
        guard count == 1 || (count == 0 && version == .http10) else {
            throw HTTP1Error(.badRequest, "the request has \(count) Host fields; expected exactly one")
        }
    }

    /// An HTTP/1.0 client cannot know the expectation, so it is ignored there (RFC 9110 section 10.1.1).
    private func expectsContinue(_ fields: HTTPFields) throws(HTTP1Error) -> Bool {
        guard version == .http11, fields.contains("expect") else { return false }
        guard fields.tokens("expect").allSatisfy({ $0 == "100-continue" }) else {
            throw HTTP1Error(.expectationFailed, "the expectation is not supported; expected 100-continue")
        }
        return true
    }
}
