import Compression
import Glibc
import HTTP
import HTTPTransport
import StaticFiles
import System
import TestSupport
import Testing
import Timing

/// With real files; what a hostile path can do is tried over the wire by the system tests, too.
@Suite struct FileResponderTests {
    /// A site whose clocks stand still unless they are moved.
    private final class Site {
        let directory = TemporaryDirectory()
        var clock = Instant(nanoseconds: 0)
        var time = WallClock.nanoseconds
        private var responder: FileResponder?

        init(_ configuration: StaticFilesConfiguration = .defaults) throws {
            responder = FileResponder(
                root: try FileTree(directory.path), prefix: "/js", configuration: configuration,
                clock: { [unowned self] in clock }, time: { [unowned self] in time })
        }

        deinit { directory.remove() }

        func get(_ target: String, _ fields: HTTPFields = [:]) throws -> HTTPResponse {
            try #require(responder).respond(HTTPRequestHead(method: .get, target: target, fields: fields))
        }

        /// Changes that were made until now count as settled, and what was seen has to be looked at again.
        func settle() {
            time += 10 * second
            clock = clock + .seconds(10)
        }

        func write(_ bytes: [UInt8], to name: String) throws {
            try FileSystem.write(bytes, to: "\(directory.path)/\(name)")
        }

        /// Sets the time of the last change of the content, in seconds since 1970.
        func setDate(of name: String, _ date: Int) {
            let time = timespec(tv_sec: date, tv_nsec: 0)
            #expect(unsafe utimensat(AT_FDCWD, "\(directory.path)/\(name)", [time, time], 0) == 0)
        }
    }

    private static let gzip: HTTPFields = ["Accept-Encoding": "gzip"]
    private static let script = String(repeating: "let a = 1\n", count: 100)

    @Test func aFileComesWithItsTypeAndDate() throws {
        let site = try Site()
        site.directory.write("let a = 1\n", to: "app.js")
        site.setDate(of: "app.js", 784_111_777)
        let answer = try site.get("/js/app.js?v=1")
        #expect(answer.status == 200 && answer.text == "let a = 1\n")
        #expect(answer["Content-Type"] == "text/javascript; charset=utf-8")
        #expect(answer["Last-Modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(answer["Content-Security-Policy"]?.hasPrefix("default-src 'none';") == true)
        #expect(answer["ETag"] != nil)
    }

    @Test func aDirectoryIsItsIndexBehindASlash() throws {
        let site = try Site()
        #expect(try site.get("/js/").status == 404, "no index yet")
        site.directory.write("<!doctype html>", to: "index.html")
        for _ in 0..<2 {
            #expect(try site.get("/js/").text == "<!doctype html>")
            let redirect = try site.get("/js?a=b")
            #expect(redirect.status == 301 && redirect["Location"] == "/js/?a=b")
            site.settle()
        }
    }

    // MARK: Changes

    @Test func whatJustChangedIsServedAsItIsNow() throws {
        let site = try Site()
        for text in ["one", "two", "three"] {
            site.directory.write(text, to: "a.txt")
            #expect(try site.get("/js/a.txt").text == text)
        }
    }

    @Test func aChangeIsNoticedAfterTheTimeForIt() throws {
        let site = try Site()
        site.directory.write("one", to: "a.txt")
        site.settle()
        #expect(try site.get("/js/a.txt").text == "one")
        site.directory.write("two", to: "a.txt")
        site.clock = site.clock + StaticFilesConfiguration.defaults.recheckTime
        #expect(try site.get("/js/a.txt").text == "one", "from memory")
        site.clock = site.clock + .nanoseconds(1)
        #expect(try site.get("/js/a.txt").text == "two")
        site.settle()
        #expect(try site.get("/js/a.txt").text == "two")
        try FileSystem.removeFile("\(site.directory.path)/a.txt")
        site.settle()
        #expect(try site.get("/js/a.txt").status == 404)
    }

    /// A name with an escape in it is kept under the name that it means.
    @Test func memoryKnowsNamesAndNotSpellings() throws {
        let site = try Site()
        site.directory.write("a", to: "a")
        site.directory.write("percent", to: "%61")
        site.settle()
        for _ in 0..<2 {
            #expect(try site.get("/js/%61").text == "a")
            #expect(try site.get("/js/%2561").text == "percent")
            #expect(try site.get("/js/a").text == "a")
            #expect(try site.get("/%6as/a").text == "a")
            #expect(try site.get("/jsa").status == 404)
            #expect(try site.get("/js/a/").status == 404)
            #expect(try site.get("/js//a").status == 404)
        }
    }

    @Test func theTagIsTheContents() throws {
        let site = try Site()
        site.directory.write("one", to: "a.txt")
        let tag = try #require(try site.get("/js/a.txt")["ETag"])
        site.setDate(of: "a.txt", 1)
        #expect(try site.get("/js/a.txt")["ETag"] == tag)
        #expect(try site.get("/js/a.txt", ["If-None-Match": tag]).status == 304)
        site.directory.write("two", to: "a.txt")
        #expect(try site.get("/js/a.txt")["ETag"] != tag)
    }

    // MARK: Compressed forms

    @Test func textIsCompressedOnceForEachState() throws {
        let site = try Site()
        site.directory.write(Self.script, to: "app.js")
        let first = try #require(try site.get("/js/app.js", Self.gzip).body.bytes)
        #expect(Gzip.isCompressed(first, of: Array(Self.script.utf8)))
        let second = try #require(try site.get("/js/app.js", Self.gzip).body.bytes)
        #expect(address(first) == address(second), "although the file was read anew")
        site.directory.write(Self.script + "1", to: "app.js")
        let third = try #require(try site.get("/js/app.js", Self.gzip).body.bytes)
        #expect(Gzip.isCompressed(third, of: Array((Self.script + "1").utf8)))
    }

    private func address(_ bytes: [UInt8]) -> UInt {
        unsafe bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    }

    @Test func aPartOfTheCompressedForm() throws {
        let site = try Site()
        site.directory.write(Self.script, to: "app.js")
        let whole = try #require(try site.get("/js/app.js", Self.gzip).body.bytes)
        let part = try site.get("/js/app.js", ["Accept-Encoding": "gzip", "Range": "bytes=5-9"])
        #expect(part.status == 206 && part.body.bytes == Array(whole[5..<10]))
        #expect(part["Content-Range"] == "bytes 5-9/\(whole.count)")
    }

    @Test func aSiblingIsSentInstead() throws {
        let site = try Site()
        site.directory.write("short", to: "a.bin")
        #expect(try site.get("/js/a.bin", Self.gzip)["Vary"] == nil)
        let compressed = try #require(Gzip.compress(Array("short".utf8)))
        try site.write(compressed, to: "a.bin.gz")
        let answer = try site.get("/js/a.bin", Self.gzip)
        #expect(answer.body.bytes == compressed && answer["Content-Encoding"] == "gzip")
        #expect(answer["Content-Type"] == "application/octet-stream" && answer["Vary"] == "Accept-Encoding")
        #expect(try site.get("/js/a.bin").text == "short")
        let itself = try site.get("/js/a.bin.gz", Self.gzip)
        #expect(itself.body.bytes == compressed && itself["Content-Encoding"] == nil)
        #expect(itself["Content-Type"] == "application/gzip")
    }

    @Test func aSiblingOfTheSameAgeWillDoAndAnOlderOneNot() throws {
        let site = try Site()
        site.directory.write("short", to: "a.bin")
        try site.write(try #require(Gzip.compress(Array("short".utf8))), to: "a.bin.gz")
        for (date, coding) in [(999, nil), (1_000, "gzip"), (1_001, "gzip")] as [(Int, String?)] {
            site.setDate(of: "a.bin", 1_000)
            site.setDate(of: "a.bin.gz", date)
            #expect(try site.get("/js/a.bin", Self.gzip)["Content-Encoding"] == coding)
        }
    }

    @Test func aSiblingOfAnotherContentIsNone() throws {
        let site = try Site()
        site.directory.write(Self.script, to: "app.js")
        try site.write(try #require(Gzip.compress(Array("let b = 2\n".utf8))), to: "app.js.gz")
        let answer = try #require(try site.get("/js/app.js", Self.gzip).body.bytes)
        #expect(Gzip.isCompressed(answer, of: Array(Self.script.utf8)))
        site.directory.write("what is this", to: "app.js.gz")
        #expect(try site.get("/js/app.js", Self.gzip).body.bytes == answer)
    }

    @Test func whatIsNoFileInsideIsNoSibling() throws {
        let site = try Site()
        let outside = TemporaryDirectory()
        defer { outside.remove() }
        let compressed = try #require(Gzip.compress(Array("short".utf8)))
        try FileSystem.write(compressed, to: "\(outside.path)/out.gz")
        for name in ["link", "directory"] { site.directory.write("short", to: name) }
        #expect(unsafe symlink("\(outside.path)/out.gz", "\(site.directory.path)/link.gz") == 0)
        try FileSystem.createDirectory("\(site.directory.path)/directory.gz")
        defer { try? FileSystem.removeTree("\(site.directory.path)/directory.gz") }
        for name in ["link", "directory"] {
            let answer = try site.get("/js/\(name)", Self.gzip)
            #expect(answer.text == "short" && answer["Content-Encoding"] == nil && answer["Vary"] == nil)
        }
    }

    // MARK: Large files

    private func slice(_ response: HTTPResponse) -> FileSlice? {
        switch response.body {
        case .file(let slice): slice
        case .bytes, .stream: nil
        }
    }

    @Test func aLargeFileIsNotRead() throws {
        var configuration = StaticFilesConfiguration()
        configuration.largestInMemory = 4
        let site = try Site(configuration)
        site.directory.write("1234", to: "small")
        site.directory.write("1234567890", to: "large")
        #expect(try site.get("/js/small").text == "1234")
        let whole = try site.get("/js/large")
        #expect(whole.status == 200 && slice(whole)?.count == 10)
        let part = try site.get("/js/large", ["Range": "bytes=2-4"])
        #expect(part.status == 206 && slice(part)?.count == 3 && part["Content-Range"] == "bytes 2-4/10")
        try site.write(Array("12345".utf8), to: "large.gz")
        #expect(slice(try site.get("/js/large", Self.gzip))?.count == 5)
        #expect(slice(try site.get("/js/large"))?.count == 10)
        site.settle()
        let tag = try #require(try site.get("/js/large", Self.gzip)["ETag"])
        #expect(tag.hasSuffix("-gzip\"") && tag.hasPrefix("\""))
        #expect(try site.get("/js/large", ["Accept-Encoding": "gzip", "If-None-Match": tag]).status == 304)
    }

    @Test func aMissingRootIsNamed() {
        let error = #expect(throws: SystemError.self) { try FileTree("/no/such/root") }
        #expect(error?.description.contains("/no/such/root") == true)
    }

    @Test func anErrorPageQuotesNothingAsMarkup() {
        let page = Page.error(.badRequest, "<b>\"'&").text
        #expect(page?.contains("&lt;b&gt;&quot;&#39;&amp;") == true && page?.contains("<b>") == false)
    }
}
