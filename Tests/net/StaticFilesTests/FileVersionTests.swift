import HTTP
import HTTPTransport
import StaticFiles
import Testing

@Suite struct FileVersionTests {
    private let both = version("0123456789", gzip: "gz")
    private let alone = version("0123456789")

    private enum Seen: Equatable {
        case content(ContentCoding, Range<Int>, UInt16)
        case other(UInt16)
    }

    private func answer(
        _ version: FileVersion, _ fields: HTTPFields, _ method: HTTPMethod = .get
    ) -> (seen: Seen, fields: HTTPFields) {
        switch version.answer(HTTPRequestHead(method: method, target: "/", fields: fields), now: 1_700_000_000) {
        case .content(let representation, let part, let head):
            (.content(representation.coding, part, head.status.code), head.fields)
        case .other(let response): (.other(response.status), response.head.fields)
        }
    }

    // MARK: The two forms

    @Test func theClientSaysWhatItTakes() {
        #expect(answer(both, [:]).seen == .content(.identity, 0..<10, 200))
        #expect(answer(both, ["Accept-Encoding": "gzip"]).seen == .content(.gzip, 0..<2, 200))
        #expect(answer(both, ["Accept-Encoding": "gzip;q=0"]).seen == .content(.identity, 0..<10, 200))
        #expect(answer(alone, ["Accept-Encoding": "gzip"]).seen == .content(.identity, 0..<10, 200))
        let refused = answer(alone, ["Accept-Encoding": "gzip, identity;q=0"])
        #expect(refused.seen == .other(406) && refused.fields["Vary"] == "Accept-Encoding")
    }

    @Test func eachFormHasFieldsOfItsOwn() throws {
        let plain = answer(both, [:]).fields
        let gzip = answer(both, ["Accept-Encoding": "gzip"]).fields
        #expect(plain["Content-Encoding"] == nil && gzip["Content-Encoding"] == "gzip")
        let tags = [plain["ETag"], gzip["ETag"]].compactMap { $0 }.compactMap { EntityTag(parsing: $0) }
        try #require(tags.count == 2)
        #expect(!tags[0].equalsWeakly(tags[1]) && !tags[0].isWeak && !tags[1].isWeak)
        for fields in [plain, gzip] {
            #expect(fields["Vary"] == "Accept-Encoding")
            #expect(fields["Content-Type"] == "text/plain; charset=utf-8")
            #expect(fields["Last-Modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
            #expect(fields["Accept-Ranges"] == "bytes")
            #expect(fields["Cache-Control"] == "no-cache")
        }
        #expect(answer(alone, ["Accept-Encoding": "gzip"]).fields["Vary"] == nil)
    }

    // MARK: Conditions

    @Test func whatTheClientHasIsNotSentAgain() throws {
        for (coding, other) in [("identity", "gzip"), ("gzip", "identity")] {
            let tag = try #require(answer(both, ["Accept-Encoding": coding]).fields["ETag"])
            let same = answer(both, ["Accept-Encoding": coding, "If-None-Match": tag])
            #expect(same.seen == .other(304))
            #expect(
                same.fields == ["ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"],
                "nothing that describes the content")
            #expect(answer(both, ["Accept-Encoding": other, "If-None-Match": tag]).seen != .other(304))
        }
        #expect(answer(alone, ["If-None-Match": "*"]).fields["Vary"] == nil)
        #expect(answer(alone, ["If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"]).seen == .other(304))
        #expect(answer(alone, ["If-Match": "\"other\""]).seen == .other(412))
        #expect(answer(alone, ["If-None-Match": "*"], .head).seen == .other(304))
    }

    // MARK: Ranges

    @Test func aPartIsOfTheFormThatIsSent() throws {
        let plain = answer(both, ["Range": "bytes=2-4"])
        #expect(plain.seen == .content(.identity, 2..<5, 206))
        #expect(plain.fields["Content-Range"] == "bytes 2-4/10")
        #expect(plain.fields["ETag"] == answer(both, [:]).fields["ETag"])
        let gzip = answer(both, ["Range": "bytes=-1", "Accept-Encoding": "gzip"])
        #expect(gzip.seen == .content(.gzip, 1..<2, 206))
        #expect(gzip.fields["Content-Range"] == "bytes 1-1/2" && gzip.fields["Content-Encoding"] == "gzip")
    }

    @Test func whatIsNotThereIs416() {
        let refused = answer(alone, ["Range": "bytes=10-"])
        #expect(refused.seen == .other(416) && refused.fields["Content-Range"] == "bytes */10")
    }

    @Test func aPartOfAnotherStateIsTheWhole() throws {
        let tag = try #require(answer(both, [:]).fields["ETag"])
        let range = "bytes=2-4"
        #expect(answer(both, ["Range": range, "If-Range": tag]).seen == .content(.identity, 2..<5, 206))
        #expect(answer(both, ["Range": range, "If-Range": "\"old\""]).seen == .content(.identity, 0..<10, 200))
        #expect(
            answer(both, ["Range": range, "If-Range": tag, "Accept-Encoding": "gzip"]).seen
                == .content(.gzip, 0..<2, 200))
        #expect(answer(both, ["Range": "bytes=10-", "If-Range": "\"old\""]).seen == .content(.identity, 0..<10, 200))
    }

    @Test func conditionsComeBeforeRanges() {
        #expect(answer(alone, ["Range": "bytes=10-", "If-None-Match": "*"]).seen == .other(304))
        #expect(answer(alone, ["Range": "bytes=0-1", "If-Match": "\"other\""]).seen == .other(412))
    }

    @Test func onlyGetHasRanges() {
        let head = answer(alone, ["Range": "bytes=2-4"], .head)
        #expect(head.seen == .content(.identity, 0..<10, 200) && head.fields["Content-Range"] == nil)
    }

    @Test func nothingIsServedToo() {
        #expect(answer(version(""), [:]).seen == .content(.identity, 0..<0, 200))
        #expect(answer(version(""), ["Range": "bytes=0-"]).seen == .other(416))
        #expect(answer(version(""), ["Range": "bytes=-1"]).seen == .content(.identity, 0..<0, 200))
    }
}
