import HTTP
import Testing

@Suite struct HTTPFieldsTests {
    @Test func namesAreComparedWithoutRegardToCase() {
        let fields: HTTPFields = ["Content-Type": "a", "X-Y": "1", "x-y": "2"]
        #expect(fields["content-type"] == "a")
        #expect(fields.values("X-y") == ["1", "2"])
        #expect(fields["content-typ"] == nil)
        #expect(fields["content_type"] == nil)
        // '@' and '`' differ in the bit that makes letters lower case, and are no letters.
        #expect(!HTTPFields.equalNames("a@", "a`"))
    }

    @Test func listsMaySpreadOverFields() {
        let fields: HTTPFields = ["Connection": "Close, ,\tfoo ", "connection": "BAR"]
        #expect(fields.tokens("connection") == ["close", "foo", "bar"])
    }

    @Test func preparedLinesGoWithTheNextChange() {
        func lines(_ fields: HTTPFields) -> String {
            var serializer = HTTP1ResponseSerializer(to: .get, version: .http11, keepAlive: true)
            var output: [UInt8] = []
            serializer.start(HTTPResponseHead(status: .ok, fields: fields), length: 0, date: nil, into: &output)
            return String(decoding: output, as: UTF8.self)
        }
        var fields: HTTPFields = ["A": "1", "Keep-Alive": "never", "B": "2\r\nC: 3"]
        let before = lines(fields)
        fields.prepare()
        #expect(lines(fields) == before)
        fields.append("D", "4")
        #expect(lines(fields).contains("\r\nD: 4\r\n"))
        fields.prepare()
        fields.set("A", "5")
        #expect(lines(fields).contains("\r\nA: 5\r\n") && !lines(fields).contains("A: 1"))
    }

    @Test func settingReplacesEveryField() {
        var fields: HTTPFields = ["A": "1", "b": "2", "a": "3"]
        fields.set("a", "4")
        #expect(fields == ["b": "2", "a": "4"])
    }
}

@Suite struct HTTPRequestHeadTests {
    @Test(arguments: [
        ("/go/sample?name=x&delay=1s", "/go/sample", "name=x&delay=1s"), ("/", "/", ""), ("/a?", "/a", ""),
        ("/a?b?c", "/a", "b?c"), ("/%2e%2e/a", "/%2e%2e/a", ""), ("http://host:80/p?q", "/p", "q"),
        ("http://host", "/", ""), ("http://host?q=1", "/", "q=1"), ("*", "*", ""),
        ("/a?u=http://x/", "/a", "u=http://x/"),
    ])
    func pathAndQuery(target: String, path: String, query: String) {
        let head = HTTPRequestHead(method: .get, target: target)
        #expect(head.path == path)
        #expect(head.query == query)
    }
}

@Suite struct QueryParametersTests {
    @Test func decodesNamesAndValues() {
        let parameters = QueryParameters("name=J%C3%BCrgen+B&flag&a=b=c&&e=")
        #expect(parameters["name"] == "Jürgen B")
        #expect(parameters["flag"] == "")
        #expect(parameters["a"] == "b=c")
        #expect(parameters["e"] == "")
        #expect(parameters["x"] == nil)
        #expect(parameters.problems.isEmpty)
        #expect(parameters.unknownNames(besides: ["name", "a", "e"]) == ["flag"])
    }

    @Test func reportsWhatIsWrong() {
        let parameters = QueryParameters("a=1&a=2&b=%zz&%ff=1&c=3")
        #expect(parameters["a"] == "1")
        #expect(parameters["c"] == "3")
        #expect(
            parameters.problems == [.duplicate(name: "a"), .malformed(text: "b=%zz"), .malformed(text: "%ff=1")])
        #expect(parameters.problems.first?.description == "query parameter 'a' is given more than once")
    }
}

@Suite struct HTTPDateTests {
    /// Checked with GNU date -u -d @N.
    @Test(arguments: [
        (Int64(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"), (1_700_811_045, "Fri, 24 Nov 2023 07:30:45 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        (.max, "Fri, 31 Dec 9999 23:59:59 GMT"), (.min, "Thu, 01 Jan 1970 00:00:00 GMT"),
    ])
    func formats(seconds: Int64, expected: String) {
        #expect(HTTPDate.format(unixSeconds: seconds) == expected)
    }
}
