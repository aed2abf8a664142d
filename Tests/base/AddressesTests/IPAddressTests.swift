import Addresses
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("0.0.0.0", IPAddress.v4(0)), ("127.0.0.1", .v4(0x7F00_0001)), ("255.255.255.255", .v4(0xFFFF_FFFF)),
        ("::", .v6(0)), ("::1", .v6(1)), ("1::", .v6(1 << 112)), ("fe80::1:2", .v6(0xfe80 << 112 | 0x1_0002)),
        ("1:2:3:4:5:6:7:8", .v6(0x0001_0002_0003_0004_0005_0006_0007_0008)),
        ("2001:DB8::A", .v6(0x2001_0db8 << 96 | 0xa)), ("::ffff:10.0.0.1", .v6(0xffff_0a00_0001)),
        ("1:2:3:4:5:6:1.2.3.4", .v6(0x0001_0002_0003_0004_0005_0006_0102_0304)),
    ])
    func parses(text: String, expected: IPAddress) {
        #expect(IPAddress(text) == expected)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.-4", "1.2.3.4 ", "+1.2.3.4", "1..2.3", "localhost",
        ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "::1%eth0", "1:2:3:4:5:6:7:8::",
        "::1.2.3.4:5", "１.2.3.4",
    ])
    func refuses(text: String) {
        #expect(IPAddress(text) == nil)
    }

    /// RFC 4291 section 2.2: the dotted form stands for the last 32 bits and nowhere else.
    @Test func embeddedIPv4HasToBeLast() {
        #expect(IPAddress("1.2.3.4::") == nil)
    }

    @Test(arguments: [
        "127.0.0.1", "0.0.0.0", "::", "::1", "1::", "2001:db8::a", "1:0:0:2::3", "1:0:2:3:4:5:6:7", "::1:0:0:0:2",
    ])
    func canonicalTextIsWrittenAsItWasRead(text: String) {
        #expect(IPAddress(text)?.description == text)
    }

    @Test func longestRunOfZerosIsShortened() {
        #expect(IPAddress("1:0:0:2:0:0:0:3")?.description == "1:0:0:2::3")
        #expect(IPAddress("1:0:0:2:3:0:0:4")?.description == "1::2:3:0:0:4")
    }
}
