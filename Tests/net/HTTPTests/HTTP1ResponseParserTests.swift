import Bytes
import HTTP
import Testing

@Suite struct HTTP1ResponseParserTests {
    private func read(
        _ text: String, to method: HTTPMethod = .get, limits: HTTP1Limits = .defaults, closing: Bool = false
    ) -> ResponseTranscript {
        ResponseTranscript(Array(text.utf8), to: method, limits: limits, closing: closing)
    }

    @Test func readsAResponse() {
        let response = read("HTTP/1.1 200 Very Good\r\nContent-Length: 2\r\nX: y\r\n\r\nhi")
        #expect(response.head?.status == .ok)
        #expect(response.head?.status.reason == "Very Good")
        #expect(response.head?.fields["x"] == "y")
        #expect(response.body == Array("hi".utf8))
        #expect(response.ended)
        #expect(response.keepAlive)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", false),
        ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi", true),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
            true
        ),
    ])
    func readsBodies(text: String, keepAlive: Bool) {
        let response = read(text)
        #expect(response.body == Array("hi".utf8))
        #expect(response.ended)
        #expect(response.error == nil)
        #expect(response.keepAlive == keepAlive)
    }

    @Test func withoutLengthTheBodyLastsUntilTheConnectionCloses() {
        #expect(!read("HTTP/1.1 200 OK\r\n\r\nhi").ended)
        let response = read("HTTP/1.1 200 OK\r\n\r\nhi", closing: true)
        #expect(response.body == Array("hi".utf8))
        #expect(response.ended)
        #expect(!response.keepAlive)
    }

    @Test(arguments: [
        (HTTPMethod.head, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        (.head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        (.get, "HTTP/1.1 204 No Content\r\n\r\n"), (.get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
    ])
    func someResponsesHaveNoBody(method: HTTPMethod, text: String) {
        let response = read(text, to: method)
        #expect(response.ended)
        #expect(response.body.isEmpty)
        #expect(response.keepAlive)
    }

    @Test(arguments: [
        "HTTP/1.1 200\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/2.0 200 OK\r\n", "http/1.1 200 OK\r\n",
        "HTTP/1.1  200 OK\r\n", "HTTP/1.1 099 X\r\n", "HTTP/1.1 600 X\r\n", "HTTP/1.1 200 O\u{0}K\r\n",
        "HTTP/1.1 200 OK\nA: b\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "HTTP/1.1 200 OK\r\n folded\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 " + String(repeating: "a", count: 8192) + "\r\n",
        String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 9),
    ])
    func refuses(text: String) {
        let whole = read(text)
        #expect(whole.error != nil)
        #expect(!whole.keepAlive)
        #expect(ResponseTranscript(Array(text.utf8), nextSize: { 1 }) == whole)
    }

    @Test(arguments: [
        ("", "before a response"), ("HTTP/1.1 20", "within the status line"),
        ("HTTP/1.1 200 OK\r\nA", "within the response's header"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", "within the response's body"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", "within the response's body"),
    ])
    func closingEarlyIsAnError(text: String, place: String) {
        #expect(read(text, closing: true).error?.message == "the connection was closed \(place)")
    }

    @Test func aBodyUntilCloseIsLimited() {
        var limits = HTTP1Limits.defaults
        limits.bodyBytes = 2
        #expect(read("HTTP/1.1 200 OK\r\n\r\nhi", limits: limits, closing: true).ended)
        #expect(read("HTTP/1.1 200 OK\r\n\r\nhi!", limits: limits).error?.status == .contentTooLarge)
    }

    @Test func oneConnectionCarriesSeveral() throws {
        var parser = HTTP1ResponseParser(to: .head)
        parser.feed(Array("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n".utf8))
        _ = try parser.next()
        #expect(try parser.next() == .end)
        #expect(!parser.hasUnexpectedBytes)
        parser.feed(Array("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx".utf8))
        #expect(parser.hasUnexpectedBytes)
        #expect(try parser.next() == nil)
        parser.startNextResponse(to: .get)
        _ = try parser.next()
        #expect(try parser.next() == .body([0x78]))
        #expect(try parser.next() == .end)
    }

    @Test func mutatedResponsesGiveTheSameForEveryCut() {
        let texts = [
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\nA: b\r\n\r\nhello world",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5;x=y\r\nhello\r\nc\r\n hello world\r\n0\r\nT: u\r\n\r\n",
            "HTTP/1.0 404 Not Found\r\nServer: x\r\n\r\nnothing here",
        ]
        var random = SplitMix64(seed: 11)
        for round in 0..<4_000 {
            let input = mutated(Array(texts[round % texts.count].utf8), with: &random)
            let whole = ResponseTranscript(input, closing: true)
            #expect(ResponseTranscript(input, closing: true, nextSize: { 1 }) == whole)
            #expect(
                ResponseTranscript(input, closing: true, nextSize: { Int.random(in: 1...40, using: &random) }) == whole)
        }
    }
}
