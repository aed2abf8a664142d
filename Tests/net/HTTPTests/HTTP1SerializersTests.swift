import HTTP
import Testing

@Suite struct HTTP1ResponseSerializerTests {
    private func written(
        _ head: HTTPResponseHead, body: [String] = [], length: Int?, to method: HTTPMethod = .get,
        version: HTTPVersion = .http11, keepAlive: Bool = true
    ) -> (text: String, closes: Bool) {
        var serializer = HTTP1ResponseSerializer(to: method, version: version, keepAlive: keepAlive)
        var output: [UInt8] = []
        serializer.start(head, length: length, date: "D", into: &output)
        for piece in body { serializer.write(piece.utf8.span, into: &output) }
        serializer.end(into: &output)
        return (String(decoding: output, as: UTF8.self), serializer.closesConnection)
    }

    @Test func aKnownLengthIsDeclared() {
        let response = written(HTTPResponseHead(status: .ok, fields: ["A": "b"]), body: ["he", "llo"], length: 5)
        #expect(response.text == "HTTP/1.1 200 OK\r\nDate: D\r\nA: b\r\nContent-Length: 5\r\n\r\nhello")
        #expect(!response.closes)
    }

    @Test func anUnknownLengthIsChunked() {
        let response = written(HTTPResponseHead(status: .ok), body: ["hello", "", "0123456789abcdef"], length: nil)
        #expect(
            response.text
                == "HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"
        )
        #expect(!response.closes)
    }

    @Test func anUnknownLengthForHTTP10EndsWithTheConnection() {
        let response = written(HTTPResponseHead(status: .ok), body: ["hi"], length: nil, version: .http10)
        #expect(response.text == "HTTP/1.1 200 OK\r\nDate: D\r\nConnection: close\r\n\r\nhi")
        #expect(response.closes)
    }

    @Test func http10IsToldThatTheConnectionStays() {
        let response = written(HTTPResponseHead(status: .ok), body: ["hi"], length: 2, version: .http10)
        #expect(response.text.contains("\r\nConnection: keep-alive\r\n"))
        #expect(!response.closes)
    }

    @Test func headDeclaresWhatGetWouldSend() {
        let response = written(HTTPResponseHead(status: .ok), body: ["hello"], length: 5, to: .head)
        #expect(response.text == "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 5\r\n\r\n")
        #expect(!response.closes)
    }

    @Test(arguments: [HTTPStatus.noContent, .notModified])
    func someStatusesHaveNoBody(status: HTTPStatus) {
        let response = written(HTTPResponseHead(status: status), body: ["x"], length: 1)
        #expect(response.text == "HTTP/1.1 \(status)\r\nDate: D\r\n\r\n")
        #expect(!response.closes)
    }

    @Test func closingIsAnnounced() {
        #expect(
            written(HTTPResponseHead(status: .ok), length: 0, keepAlive: false).text.contains("Connection: close\r\n"))
        let asked = written(HTTPResponseHead(status: .ok, fields: ["connection": "Close"]), length: 0)
        #expect(asked.closes)
        #expect(asked.text == "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }

    @Test func aBodyOfAnotherLengthThanDeclaredCostsTheConnection() {
        let long = written(HTTPResponseHead(status: .ok), body: ["hello"], length: 2)
        #expect(long.text.hasSuffix("\r\n\r\nhe"))
        #expect(long.closes)
        #expect(written(HTTPResponseHead(status: .ok), body: ["h"], length: 2).closes)
    }

    @Test func noFieldCanForgeTheMessage() {
        let fields: HTTPFields = [
            "A": "x\r\nSet-Cookie: evil\u{0}", "Bad name": "x", "B\r\nC": "x", "Content-Length": "7",
            "Transfer-Encoding": "chunked", "Keep-Alive": "1",
        ]
        let head = HTTPResponseHead(status: HTTPStatus(code: 200, reason: "O\r\nK"), fields: fields)
        #expect(
            written(head, length: 0).text
                == "HTTP/1.1 200 O  K\r\nDate: D\r\nA: x  Set-Cookie: evil \r\nContent-Length: 0\r\n\r\n")
    }

    /// What the serializer writes, the parser reads.
    @Test(arguments: [Int?.none, 11])
    func roundTrip(length: Int?) {
        let response = written(HTTPResponseHead(status: .ok), body: ["hello", " world"], length: length)
        let read = ResponseTranscript(Array(response.text.utf8))
        #expect(read.body == Array("hello world".utf8))
        #expect(read.ended)
        #expect(read.keepAlive)
    }
}

@Suite struct HTTP1RequestSerializerTests {
    private func written(
        method: HTTPMethod = .get, target: String = "/", fields: HTTPFields = [:], body: String = "",
        keepAlive: Bool = true
    ) -> String? {
        var output: [UInt8] = []
        let isWritten = HTTP1RequestSerializer.append(
            method: method, target: target, host: "h:80", fields: fields, body: Array(body.utf8), keepAlive: keepAlive,
            to: &output)
        #expect(isWritten != output.isEmpty)
        return isWritten ? String(decoding: output, as: UTF8.self) : nil
    }

    @Test func writesARequest() {
        #expect(
            written(target: "/a?b", fields: ["A": "b", "host": "evil"], keepAlive: false)
                == "GET /a?b HTTP/1.1\r\nHost: h:80\r\nA: b\r\nConnection: close\r\n\r\n")
        #expect(
            written(method: .post, body: "hi") == "POST / HTTP/1.1\r\nHost: h:80\r\nContent-Length: 2\r\n\r\nhi")
        #expect(written(method: .post)?.contains("Content-Length: 0\r\n") == true)
    }

    @Test(arguments: ["", "/a b", "/a\r\nX: y", "/é", "/\u{0}"])
    func refusesATargetThatWouldBreakTheLine(target: String) {
        #expect(written(target: target) == nil)
    }

    @Test func refusesAMethodThatIsNoToken() {
        #expect(written(method: HTTPMethod("GET /x")) == nil)
        #expect(written(method: HTTPMethod("")) == nil)
    }
}
