import Diagnosis
import Testing

@Suite struct FirstWordsTests {
    private static let settings: [UInt8] = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100]

    @Test func settingsAreHTTP2AsSoonAsTheirHeadIsThere() {
        #expect(FirstWords(Self.settings, isAll: false) == .http2)
        #expect(FirstWords(Array(Self.settings.prefix(9)), isAll: false) == .http2)
        #expect(FirstWords(Array(Self.settings.prefix(8)), isAll: false) == nil)
    }

    @Test func aFrameOfAnotherTypeIsNot() {
        var bytes = Self.settings
        bytes[3] = 0
        #expect(FirstWords(bytes, isAll: true) != .http2)
    }

    @Test func aStatusLineIsHTTP1OnceItIsWhole() {
        #expect(FirstWords(Array("HTTP/1.1 400 Bad".utf8), isAll: false) == nil)
        #expect(
            FirstWords(Array("HTTP/1.1 400 Bad Request\r\nServer".utf8), isAll: false)
                == .http1("HTTP/1.1 400 Bad Request"))
        #expect(FirstWords(Array("HTTP/1.1 400".utf8), isAll: true) == .http1("HTTP/1.1 400"))
    }

    @Test func aPageWithoutAStatusLineIsHTTP1() {
        #expect(
            FirstWords(Array("<html>\r\n<head><title>400".utf8), isAll: true) == .http1("a page without a status line"))
    }

    @Test func anAlertIsTLS() {
        #expect(FirstWords([0x15, 3, 1, 0, 2, 2, 70], isAll: false) == .tls)
    }

    @Test func theRestIsQuotedAndCannotSteerATerminal() {
        #expect(FirstWords(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), isAll: false) == .other(#"SSH-2.0-OpenSSH_9.2\r\n"#))
        #expect(FirstWords([0x1b, 0x5b, 0x32, 0x4a], isAll: true) == .other(#"\u{1b}[2J"#))
        #expect(FirstWords([], isAll: true) == nil)
    }
}
