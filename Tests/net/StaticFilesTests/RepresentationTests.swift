import HTTP
import StaticFiles
import Testing

@Suite struct RepresentationTests {
    private func tag(_ text: String, _ coding: ContentCoding = .identity) -> String {
        Representation(coding, bytes: Array(text.utf8)).tag.description
    }

    /// The hashes are those that the authors of FNV publish for FNV-1a of 64 bits.
    @Test func theTagIsMadeOfTheContent() {
        #expect(tag("") == "\"0-cbf29ce484222325\"")
        #expect(tag("a") == "\"1-af63dc4c8601ec8c\"")
        #expect(tag("foobar") == "\"6-85944171f73967e8\"")
        #expect(tag("foobar", .gzip) == "\"6-85944171f73967e8-gzip\"")
    }
}
