import Addresses
import Testing

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8080", SocketAddress.ip(.v4(0x7F00_0001), port: 8080)), (":80", .ip(.v6(0), port: 80)),
        ("[::1]:65535", .ip(.v6(1), port: 65535)), ("1.2.3.4:0", .ip(.v4(0x0102_0304), port: 0)),
        ("unix:/run/x.sock", .unix(path: "/run/x.sock")), ("unix-abstract:x", .unixAbstract(name: "x")),
        ("unix-abstract:/a:b", .unixAbstract(name: "/a:b")),
    ])
    func parses(text: String, expected: SocketAddress) {
        #expect(SocketAddress(text) == expected)
    }

    @Test(arguments: [
        "", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1: 80",
        "::1:80", "[::1]", "[127.0.0.1]:80", "[::1:80", "localhost:80", "unix:", "1.2.3.4:000080", "unix-abstract:",
        "unix-abstract:a\0b",
    ])
    func refuses(text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test func aUnixPathHasToFitTheKernelsStructure() {
        #expect(SocketAddress("unix:" + String(repeating: "x", count: 107)) != nil)
        #expect(SocketAddress("unix:" + String(repeating: "x", count: 108)) == nil)
        // The NUL stands at the other end.
        #expect(SocketAddress("unix-abstract:" + String(repeating: "x", count: 107)) != nil)
        #expect(SocketAddress("unix-abstract:" + String(repeating: "x", count: 108)) == nil)
    }

    @Test(arguments: ["127.0.0.1:8080", "[::1]:1", "unix:/tmp/a", "unix-abstract:a"])
    func isWrittenAsItWasRead(text: String) {
        #expect(SocketAddress(text)?.description == text)
    }

    @Test func partsAreNilWhereThereAreNone() {
        #expect(SocketAddress("127.0.0.1:5")?.port == 5)
        #expect(SocketAddress("127.0.0.1:5")?.ip == .v4(0x7F00_0001))
        #expect(SocketAddress.unix(path: "x").port == nil)
        #expect(SocketAddress.unix(path: "x").ip == nil)
        #expect(SocketAddress.unixAbstract(name: "x").port == nil)
        #expect(SocketAddress.host("pods", port: 80).port == 80)
        #expect(SocketAddress.host("pods", port: 80).ip == nil)
        #expect(SocketAddress.host("pods", port: 80).description == "pods:80")
    }
}
