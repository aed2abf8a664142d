import StaticFiles
import Testing

@Suite struct MediaTypeTests {
    @Test(arguments: [
        ("index.html", "text/html; charset=utf-8"), ("app.js", "text/javascript; charset=utf-8"),
        ("STYLE.CSS", "text/css; charset=utf-8"), ("a.min.mjs", "text/javascript; charset=utf-8"),
        ("logo.svg", "image/svg+xml; charset=utf-8"), ("x.json", "application/json"), ("p.png", "image/png"),
    ])
    func theEndOfTheNameTells(name: String, type: String) {
        #expect(MediaType.of(name[...]) == type)
    }

    @Test(arguments: ["README", "html", "a.", "a.unknown", "v1.2/html"])
    func aNameThatTellsNothingIsBytes(name: String) {
        #expect(MediaType.of(name[...]) == MediaType.unknown)
    }

    @Test func whatIsCompressedAlreadyStaysAsItIs() {
        for name: Substring in ["a.html", "a.js", "a.css", "a.svg", "a.json", "a.wasm", "a.ttf", "a.txt"] {
            #expect(MediaType.isCompressible(MediaType.of(name)), "\(name)")
        }
        for name: Substring in ["a.png", "a.jpg", "a.woff2", "a.gz", "a", "a.pdf"] {
            #expect(!MediaType.isCompressible(MediaType.of(name)), "\(name)")
        }
    }
}
