import Addresses
import Testing
import gateway

@Suite struct HTTPTargetTests {
    @Test(arguments: [
        ("http://sample-service-js:8080/js/hello", "sample-service-js", UInt16(8080), "/js/hello"),
        ("http://js.default.svc.cluster.local", "js.default.svc.cluster.local", 80, "/"),
        ("http://js/", "js", 80, "/"),
    ])
    func readsNames(text: String, host: String, port: UInt16, path: String) throws {
        let target = try #require(HTTPTarget(text))
        #expect(target.host == .name(host) && target.port == port && target.path == path)
    }

    @Test(arguments: [
        ("http://127.0.0.1:81/a/b", IPAddress("127.0.0.1"), UInt16(81), "127.0.0.1:81"),
        ("http://[::1]:8080/", IPAddress("::1"), 8080, "[::1]:8080"), ("http://[::1]", IPAddress("::1"), 80, "[::1]"),
    ])
    func readsAddresses(text: String, address: IPAddress?, port: UInt16, authority: String) throws {
        let target = try #require(HTTPTarget(text))
        #expect(target.host == address.map { .address($0) } && target.port == port && target.authority == authority)
    }

    @Test(arguments: [
        "", "js", "js:8080", "https://js", "http:/js", "http://", "http:///path", "http://:80/", "http://js:/",
        "http://js:0/", "http://js:65536/", "http://js:x/", "http://js:80:80/", "http://[::1/", "http://[js]/",
        "http://[::1]80/", "http://user@js/", "http://js/?a=b", "http://js/#a", "http://j s/", "http://jß/",
        "http://js/ä", "http://js\r\n/", "http://::1/",
    ])
    func refuses(text: String) {
        #expect(HTTPTarget(text) == nil)
    }
}
