import HTTP
import Testing

@Suite struct AcceptEncodingTests {
    private func choose(_ value: String?, gzipIsThere: Bool = true) -> ContentCoding? {
        AcceptEncoding(value.map { ["Accept-Encoding": $0] } ?? [:]).choose(gzipIsThere: gzipIsThere)
    }

    /// The examples of RFC 9110 section 12.5.3 are among them.
    @Test(arguments: [
        "compress, gzip", "*", "compress;q=0.5, gzip;q=1.0", "gzip;q=1.0, identity; q=0.5, *;q=0",
        "gzip, deflate, br, zstd", "GZIP", "x-gzip", "X-GZip;q=0.1", "gzip;q=0.001", "gzip ; q=0.5", "gzip;\tQ=1.000",
        ",, gzip ,", "br;q=1,gzip;q=0.1", "gzip;q=0.5, identity;q=0.5", "*;q=0.1", "identity;q=0, gzip", "gzip, *;q=0",
        "identity;q=0, *", "br;x=1, gzip", "gzip;q=1.", "gzip;q=0.5, *;q=0.5",
    ])
    func gzipIsWanted(value: String) {
        #expect(choose(value) == .gzip)
    }

    @Test(arguments: [
        nil, "", "identity", "br", "deflate", "gzip;q=0", "gzip;q=0.0", "gzip;q=0.000", "x-gzip;q=0", "gzip;q=0, *",
        "identity;q=1, gzip;q=0.5", "gzip;q=0.5, *;q=0.6", "gzip;q=2", "gzip;q=1.001", "gzip;q=0.0001", "gzip;q=",
        "gzip;q", "gzip;", "gzip;q=-1", "gzip;level=9", "gzipped", "\"gzip\"", "gzip;q=0, gzip", "gzip q=1",
        "identity;q=0.5, *;q=0.4",
    ])
    func identityIsWanted(value: String?) {
        #expect(choose(value) == .identity)
    }

    @Test(arguments: ["gzip;q=0, identity;q=0", "*;q=0", "identity;q=0", "br, identity;q=0", "br, *;q=0"])
    func nothingWillDo(value: String) {
        #expect(choose(value) == nil)
    }

    @Test func whatIsNotThereIsNotChosen() {
        #expect(choose("gzip", gzipIsThere: false) == .identity)
        #expect(choose("gzip, identity;q=0", gzipIsThere: false) == nil)
        #expect(choose("gzip, *;q=0", gzipIsThere: false) == nil)
        #expect(choose("gzip;q=1, identity;q=0.1, *;q=0", gzipIsThere: false) == .identity)
    }

    @Test func theListMaySpreadOverFields() {
        let fields: HTTPFields = ["Accept-Encoding": "identity;q=0.5", "accept-encoding": "gzip;q=0.6"]
        #expect(AcceptEncoding(fields).choose(gzipIsThere: true) == .gzip)
    }
}
