import Bytes
import HTTP
import Testing

@Suite struct HTTP1RequestParserTests {
    // MARK: What is accepted

    @Test func readsARequest() throws {
        let transcript = RequestTranscript("GET /go?a=1 HTTP/1.1\r\nHost: x:80\r\nX-Empty:\r\nX-Y: \t a b\t\r\n\r\n")
        let request = try #require(transcript.requests.first)
        #expect(request.head.method == .get)
        #expect(request.head.target == "/go?a=1")
        #expect(request.head.version == .http11)
        #expect(request.head.fields == ["Host": "x:80", "X-Empty": "", "X-Y": "a b"])
        #expect(request.head.framing == .length(0))
        #expect(request.head.keepAlive)
        #expect(!request.head.expectsContinue)
        #expect(request.body.isEmpty)
        #expect(request.ended)
        #expect(transcript.error == nil)
    }

    @Test(arguments: [
        ("Content-Length: 5\r\n\r\nhello", "hello"), ("Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "hello"),
        ("Content-Length: 0005\r\n\r\nhello", "hello"), ("Content-Length: 0\r\n\r\n", ""),
        ("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("transfer-encoding: CHUNKED\r\n\r\n3;a=b\r\nhel\r\n02\r\nlo\r\n000\r\nTrailer: x\r\n\r\n", "hello"),
        ("Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
    ])
    func readsBodies(rest: String, body: String) throws {
        let transcript = RequestTranscript("POST / HTTP/1.1\r\nHost: x\r\n" + rest)
        let request = try #require(transcript.requests.first)
        #expect(String(decoding: request.body, as: UTF8.self) == body)
        #expect(request.ended)
        #expect(transcript.error == nil)
        #expect(request.head.fields["trailer"] == nil)
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false), ("HTTP/1.0", "", false),
        ("HTTP/1.1", "Connection: foo, CLOSE\r\n", false), ("HTTP/1.0", "Connection: keep-alive\r\n", true),
        ("HTTP/1.0", "Connection: keep-alive, close\r\n", false), ("HTTP/1.9", "", true),
    ])
    func keepAlive(version: String, field: String, expected: Bool) {
        let transcript = RequestTranscript("GET / \(version)\r\nHost: x\r\n\(field)\r\n")
        #expect(transcript.requests.first?.head.keepAlive == expected)
    }

    @Test func http10NeedsNoHost() {
        #expect(RequestTranscript("GET / HTTP/1.0\r\n\r\n").requests.first?.ended == true)
    }

    @Test func expectationIsReported() {
        let text = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n"
        #expect(RequestTranscript(text).requests.first?.head.expectsContinue == true)
        let old = "POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: magic\r\n\r\n"
        #expect(RequestTranscript(old).requests.first?.head.expectsContinue == false)
    }

    @Test(arguments: ["http://x/a?b", "HTTPS://x/", "http://[::1]:80?b", "http://x", "/a%00b", "/a|b", "//x"])
    func acceptsTargets(target: String) {
        #expect(RequestTranscript("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n").requests.first?.head.target == target)
    }

    @Test func valuesThatAreNotUTF8AreLatin1() {
        let bytes = Array("GET / HTTP/1.1\r\nHost: x\r\nX: ".utf8) + [0xE9] + Array("\r\n\r\n".utf8)
        #expect(RequestTranscript(bytes).requests.first?.head.fields["x"] == "é")
    }

    // MARK: What is refused

    static let get = "GET / HTTP/1.1\r\nHost: x\r\n"
    static let post = "POST / HTTP/1.1\r\nHost: x\r\n"
    static let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"

    static let refused: [(String, HTTPStatus)] = [
        // Lines
        ("GET / HTTP/1.1\nHost: x\r\n\r\n", .badRequest), ("GET / HTTP/1.1\r\nHost: x\n\r\n", .badRequest),
        (get + "\n", .badRequest), ("GET / HTTP/1.1\r\nHo\rst: x\r\n\r\n", .badRequest), ("\n", .badRequest),
        ("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", .badRequest),
        // Request line
        (" GET / HTTP/1.1\r\n", .badRequest), ("GET  / HTTP/1.1\r\n", .badRequest),
        ("GET /  HTTP/1.1\r\n", .badRequest),
        ("GET / HTTP/1.1 \r\n", .badRequest), ("GET\t/ HTTP/1.1\r\n", .badRequest), ("GET /\r\n", .badRequest),
        ("GET\r\n", .badRequest), ("G@T / HTTP/1.1\r\n", .badRequest), ("GET /\u{0} HTTP/1.1\r\n", .badRequest),
        ("GET /é HTTP/1.1\r\n", .badRequest), ("GET /a#b HTTP/1.1\r\n", .badRequest),
        ("GET a HTTP/1.1\r\n", .badRequest),
        ("GET * HTTP/1.1\r\n", .badRequest), ("GET ftp://x/ HTTP/1.1\r\n", .badRequest),
        ("GET / http/1.1\r\n", .badRequest), ("GET / HTTP/1\r\n", .badRequest), ("GET / HTTP/1.10\r\n", .badRequest),
        ("GET / HTTP/0.9\r\n", .versionNotSupported), ("PRI * HTTP/2.0\r\n", .versionNotSupported),
        ("GET / HTTP/2.0\r\n", .versionNotSupported), ("CONNECT x:443 HTTP/1.1\r\n", .notImplemented),
        ("GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n", .badRequest),
        ("GET http://?a HTTP/1.1\r\nHost: x\r\n\r\n", .badRequest),
        ("GET https://:80/a HTTP/1.1\r\nHost: x\r\n\r\n", .badRequest),
        ("GET http://me@x/a HTTP/1.1\r\nHost: x\r\n\r\n", .badRequest),
        ("GET http://x,y/a HTTP/1.1\r\nHost: x\r\n\r\n", .badRequest),
        // Fields
        (get + "Name : x\r\n\r\n", .badRequest), (get + " folded\r\n\r\n", .badRequest),
        (get + "\tfolded\r\n\r\n", .badRequest), (get + "no colon\r\n\r\n", .badRequest),
        (get + "word\r\n\r\n", .badRequest),
        (get + ": x\r\n\r\n", .badRequest), (get + "A: \u{0}\r\n\r\n", .badRequest),
        (get + "A: b\u{1}c\r\n\r\n", .badRequest),
        (get + "A: b\u{7F}\r\n\r\n", .badRequest), (get + "A: b\rc\r\n\r\n", .badRequest),
        (get + "Ü: x\r\n\r\n", .badRequest),
        (get + "A\u{0}: x\r\n\r\n", .badRequest), (get + "A(b): x\r\n\r\n", .badRequest),
        // Host
        ("GET / HTTP/1.1\r\n\r\n", .badRequest), (get + "Host: x\r\n\r\n", .badRequest),
        ("GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", .badRequest), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", .badRequest),
        // Length
        (post + "Content-Length: +5\r\n\r\n", .badRequest), (post + "Content-Length: -1\r\n\r\n", .badRequest),
        (post + "Content-Length: 0x5\r\n\r\n", .badRequest), (post + "Content-Length:\r\n\r\n", .badRequest),
        (post + "Content-Length: 5, 5\r\n\r\n", .badRequest), (post + "Content-Length: 5 5\r\n\r\n", .badRequest),
        (post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", .badRequest),
        (post + "Content-Length: 1048577\r\n\r\n", .contentTooLarge),
        (post + "Content-Length: 99999999999999999999999\r\n\r\n", .contentTooLarge),
        // Transfer codings
        (post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", .badRequest),
        (post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", .badRequest),
        (post + "Transfer-Encoding: gzip\r\n\r\n", .badRequest), (post + "Transfer-Encoding:\r\n\r\n", .badRequest),
        (post + "Transfer-Encoding: gzip, chunked\r\n\r\n", .notImplemented),
        (post + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", .notImplemented),
        (post + "Transfer-Encoding: chunked, chunked\r\n\r\n", .badRequest),
        (post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", .badRequest),
        (post + "Transfer-Encoding: chunked, gzip\r\n\r\n", .badRequest),
        (post + "Transfer-Encoding: xchunked\r\n\r\n", .badRequest),
        (post + "Transfer-Encoding: , chunked\r\n\r\n", .notImplemented),
        (post + "Transfer-Encoding: chunked;q=1\r\n\r\n", .badRequest),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .badRequest),
        // Chunks
        (chunked + "g\r\n", .badRequest), (chunked + "\r\n", .badRequest), (chunked + "-1\r\n", .badRequest),
        (chunked + "0x5\r\n", .badRequest), (chunked + "5 \r\nhello\r\n", .badRequest),
        (chunked + " 5\r\n", .badRequest),
        (chunked + "5\nhello\r\n", .badRequest), (chunked + "5\r\nhelloo\r\n", .badRequest),
        (chunked + "5\r\nhello\n0\r\n\r\n", .badRequest), (chunked + "5\r\nhello0\r\n\r\n", .badRequest),
        (chunked + "5;a=\u{0}\r\n", .badRequest), (chunked + "100001\r\n", .contentTooLarge),
        (chunked + "FFFFFFFFFFFFFFFF\r\n", .contentTooLarge), (chunked + "10000000000000000\r\n", .contentTooLarge),
        (chunked + "5;" + String(repeating: "a", count: 255) + "\r\n", .badRequest),
        (chunked + "0\r\nbad trailer\r\n\r\n", .badRequest), (chunked + "0\r\nA: b\n\r\n", .badRequest),
        (chunked + "0\r\n" + String(repeating: "A: b\r\n", count: 101) + "\r\n", .headerFieldsTooLarge),
        (chunked + "0\r\nA: " + String(repeating: "b", count: 8192) + "\r\n\r\n", .headerFieldsTooLarge),
        // Expectations
        (post + "Expect: magic\r\n\r\n", .expectationFailed),
        (post + "Expect: 100-continue, magic\r\n\r\n", .expectationFailed),
    ]

    @Test(arguments: refused)
    func refuses(text: String, status: HTTPStatus) {
        let input = Array(text.utf8)
        let whole = RequestTranscript(input)
        #expect(whole.error?.status == status)
        #expect(RequestTranscript(input, nextSize: { 1 }) == whole)
    }

    // MARK: Limits

    @Test func requestLineIsLimited() {
        let request = { (count: Int) in
            "GET /" + String(repeating: "a", count: count - 14) + " HTTP/1.1\r\nHost: x\r\n\r\n"
        }
        #expect(RequestTranscript(request(8192)).requests.first?.ended == true)
        #expect(RequestTranscript(request(8193)).error?.status == .uriTooLong)
        // Without waiting for an end that may never come.
        #expect(RequestTranscript(String(repeating: "a", count: 8194)).error?.status == .uriTooLong)
    }

    @Test func headerBytesAreLimited() {
        let request = { (count: Int) in
            "GET / HTTP/1.1\r\nHost: x\r\nA: " + String(repeating: "a", count: count - 9 - 5) + "\r\n\r\n"
        }
        #expect(RequestTranscript(request(16384)).requests.first?.ended == true)
        #expect(RequestTranscript(request(16385)).error?.status == .headerFieldsTooLarge)
        #expect(
            RequestTranscript(Self.get + String(repeating: "a", count: 16384)).error?.status == .headerFieldsTooLarge)
    }

    @Test func fieldCountIsLimited() {
        let request = { (count: Int) in Self.get + String(repeating: "A: b\r\n", count: count - 1) + "\r\n" }
        #expect(RequestTranscript(request(100)).requests.first?.ended == true)
        #expect(RequestTranscript(request(101)).error?.status == .headerFieldsTooLarge)
    }

    @Test func bodiesAreLimitedInEveryFraming() {
        var limits = HTTP1Limits.defaults
        limits.bodyBytes = 10
        let tenInChunks = Self.chunked + "6\r\n123456\r\n4\r\n7890\r\n0\r\n\r\n"
        #expect(RequestTranscript(tenInChunks, limits: limits).requests.first?.ended == true)
        let eleven = Self.chunked + "6\r\n123456\r\n5\r\n78901\r\n0\r\n\r\n"
        #expect(RequestTranscript(eleven, limits: limits).error?.status == .contentTooLarge)
        let declared = Self.post + "Content-Length: 11\r\n\r\n"
        #expect(RequestTranscript(declared, limits: limits).error?.status == .contentTooLarge)
        #expect(RequestTranscript(declared, limits: limits).requests.isEmpty)
    }

    @Test func chunkExtensionsAreLimitedInAll() {
        let chunk = "1;" + String(repeating: "a", count: 200) + "\r\nx\r\n"
        let text = Self.chunked + String(repeating: chunk, count: 82) + "0\r\n\r\n"
        #expect(RequestTranscript(text).error?.status == .badRequest)
    }

    // MARK: Pipelining

    @Test func restsAfterEachRequestUntilTold() throws {
        var parser = HTTP1RequestParser()
        #expect(parser.isBetweenMessages)
        parser.feed(Array("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        #expect(!parser.isBetweenMessages)
        guard case .head(let first) = try parser.next() else { return #expect(Bool(false)) }
        #expect(first.target == "/1")
        #expect(try parser.next() == .end)
        #expect(try parser.next() == nil)
        #expect(parser.bufferedByteCount == 28)
        #expect(!parser.isBetweenMessages)
        parser.startNextRequest()
        guard case .head(let second) = try parser.next() else { return #expect(Bool(false)) }
        #expect(second.target == "/2")
        #expect(try parser.next() == .end)
        parser.startNextRequest()
        #expect(parser.isBetweenMessages)
    }

    @Test func errorsStay() {
        var parser = HTTP1RequestParser()
        parser.feed(Array("bad\r\n".utf8))
        let first = #expect(throws: HTTP1Error.self) { try parser.next() }
        parser.feed(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        parser.startNextRequest()
        let second = #expect(throws: HTTP1Error.self) { try parser.next() }
        #expect(first == second)
        #expect(parser.bufferedByteCount == 0)
    }

    // MARK: Chunking

    static let stream =
        "\r\nGET /a?b=c HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n"
        + "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\nhello world"
        + "POST /q HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "5;x=y\r\nhello\r\nc\r\n hello world\r\n0\r\nT: u\r\n\r\n"
        + "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"

    @Test(arguments: [1, 2, 3, 7, 64])
    func piecesOfAnySizeGiveTheSame(size: Int) {
        let input = Array(Self.stream.utf8)
        let whole = RequestTranscript(input)
        #expect(whole.requests.count == 4)
        #expect(whole.error == nil)
        #expect(RequestTranscript(input, nextSize: { size }) == whole)
    }

    @Test func mutatedStreamsGiveTheSameForEveryCut() {
        let seed = Array(Self.stream.utf8)
        var random = SplitMix64(seed: 7)
        var accepted = 0
        for _ in 0..<4_000 {
            let input = mutated(seed, with: &random)
            let whole = RequestTranscript(input)
            #expect(RequestTranscript(input, nextSize: { 1 }) == whole)
            #expect(RequestTranscript(input, nextSize: { Int.random(in: 1...40, using: &random) }) == whole)
            if whole.error == nil { accepted += 1 }
        }
        // Else the mutations would test nothing but the first line.
        #expect((100..<3_900).contains(accepted))
    }

    /// Linear work: a slow sender's header must not be searched from its start for every byte.
    @Test func oneByteAtATimeCostsOneLookAtEachByte() {
        var limits = HTTP1Limits.defaults
        limits.startLineBytes = 400_000
        let target = String(repeating: "a", count: 300_000)
        let input = Array("GET /\(target) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        let clock = ContinuousClock()
        var transcript: RequestTranscript?
        let time = clock.measure { transcript = RequestTranscript(input, limits: limits, nextSize: { 1 }) }
        #expect(transcript?.requests.first?.ended == true)
        // Quadratic work would look at 45 thousand million bytes: minutes.
        #expect(time < .seconds(20))
    }
}
