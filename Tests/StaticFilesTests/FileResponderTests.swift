import Events
import HTTP
import StaticFiles
import TestSupport
import Testing
import Web

/// With real files; what a hostile path can do is tried over the wire by the system tests, too.
@Suite struct FileResponderTests {
    private func withSite(
        _ configuration: StaticFilesConfiguration = .defaults,
        _ body: (TemporaryDirectory, (String) -> HTTPResponse) throws -> Void
    ) throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let responder = FileResponder(root: try FileTree(directory.path), prefix: "/js", configuration: configuration)
        try body(directory) { responder.respond(HTTPRequestHead(method: .get, target: $0)) }
    }

    @Test func aFileComesWithItsTypeAndDate() throws {
        try withSite { directory, get in
            directory.write("let a = 1\n", to: "app.js")
            let answer = get("/js/app.js?v=1")
            #expect(answer.head.status == .ok && answer.body.bytes == Array("let a = 1\n".utf8))
            #expect(answer.head.fields["Content-Type"] == "text/javascript; charset=utf-8")
            #expect(answer.head.fields["Last-Modified"]?.hasSuffix(" GMT") == true)
            #expect(answer.head.fields["Content-Security-Policy"]?.hasPrefix("default-src 'none';") == true)
        }
    }

    @Test func aDirectoryIsItsIndexBehindASlash() throws {
        try withSite { directory, get in
            #expect(get("/js/").head.status == .notFound, "no index yet")
            directory.write("<!doctype html>", to: "index.html")
            #expect(get("/js/").body.bytes == Array("<!doctype html>".utf8))
            let redirect = get("/js?a=b")
            #expect(redirect.head.status == .movedPermanently && redirect.head.fields["Location"] == "/js/?a=b")
        }
    }

    @Test func aChangedFileIsServedAsItIsNow() throws {
        try withSite { directory, get in
            for text in ["one", "two", "three"] {
                directory.write(text, to: "a.txt")
                #expect(get("/js/a.txt").body.bytes == Array(text.utf8))
            }
        }
    }

    @Test func aFileThatIsTooLargeIsNotRead() throws {
        var configuration = StaticFilesConfiguration()
        configuration.largestFile = 4
        try withSite(configuration) { directory, get in
            directory.write("1234", to: "fits")
            directory.write("12345", to: "does-not")
            #expect(get("/js/fits").body.bytes == Array("1234".utf8))
            #expect(get("/js/does-not").head.status == .internalServerError)
        }
    }

    @Test func aMissingRootIsNamed() {
        let error = #expect(throws: SystemError.self) { try FileTree("/no/such/root") }
        #expect(error?.description.contains("/no/such/root") == true)
    }

    @Test func anErrorPageQuotesNothingAsMarkup() {
        let page = String(decoding: Page.error(.badRequest, "<b>\"'&").body.bytes ?? [], as: UTF8.self)
        #expect(page.contains("&lt;b&gt;&quot;&#39;&amp;") && !page.contains("<b>"))
    }
}
