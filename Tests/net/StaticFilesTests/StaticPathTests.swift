import StaticFiles
import Testing

@Suite struct StaticPathTests {
    private func names(_ path: Substring) -> [String]? { StaticPath(path, below: "/js")?.names }

    @Test func namesAreDecodedOnce() {
        #expect(names("/js/app.js") == ["app.js"])
        #expect(names("/js/a%20b/%C3%BC.txt") == ["a b", "ü.txt"])
        #expect(names("/js/%2561") == ["%61"])
        #expect(names("/%6as/app.js") == ["app.js"])
    }

    @Test func aSlashAtTheEndAsksForTheDirectory() throws {
        let root = try #require(StaticPath("/js/", below: "/js"))
        #expect(root.names.isEmpty && root.isDirectory)
        let bare = try #require(StaticPath("/js", below: "/js"))
        #expect(bare.names.isEmpty && !bare.isDirectory)
        let directory = try #require(StaticPath("/js/img/", below: "/js"))
        #expect(directory.names == ["img"] && directory.isDirectory)
    }

    @Test(arguments: [
        "/js/..", "/js/../secret", "/js/%2e%2e/secret", "/js/%2E./secret", "/js/a/../b", "/js/./a", "/js/.git/config",
        "/js/..%2fsecret", "/js/a%2fb", "/js/%2fetc/passwd", "/js//etc/passwd", "/js//", "/js%2fapp.js",
        "/js/app.js%00.html", "/js/%00", "/js/%", "/js/%zz", "/js/%ff", "/jsx", "/go/app.js", "/", "", "js/app.js",
    ])
    func whatCanMeanNoFileIsRefused(path: String) {
        #expect(StaticPath(path[...], below: "/js") == nil)
    }
}
