import Addresses
import RPCCore
import Testing
import gateway

@Suite struct PodBookTests {
    private static func answer(_ ip: String?, _ name: String?, _ others: [(String, String)] = []) -> Metadata {
        var metadata = Metadata()
        for (key, value) in others { metadata.append(key: key.utf8.span, value: value.utf8.span) }
        if let name { metadata.append(key: "x-pod-name".utf8.span, value: name.utf8.span) }
        if let ip { metadata.append(key: "x-pod-ip".utf8.span, value: ip.utf8.span) }
        return metadata
    }

    private static func book(_ answers: Metadata...) -> PodBook {
        var book = PodBook()
        for answer in answers { book.learn(answer) }
        return book
    }

    private static func ip(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test func answersNameTheirPods() throws {
        let book = PodBookTests.book(
            PodBookTests.answer("10.0.0.1", "one"), PodBookTests.answer("fd00::2", "two"),
            PodBookTests.answer("10.0.0.1", "one", [("date", "now"), ("x-envoy-upstream-service-time", "1")]))
        #expect(book.names == [try PodBookTests.ip("10.0.0.1"): "one", try PodBookTests.ip("fd00::2"): "two"])
    }

    @Test func anAddressThatAnotherPodHasNowHasItsName() throws {
        let book = PodBookTests.book(PodBookTests.answer("10.0.0.1", "one"), PodBookTests.answer("10.0.0.1", "next"))
        #expect(book.names == [try PodBookTests.ip("10.0.0.1"): "next"])
    }

    private static let unbelievable: [(ip: String?, name: String?)] = [
        (nil, "one"), ("10.0.0.1", nil), ("10.0.0.1", ""), ("", "one"), ("10.0.0.256", "one"), ("pod", "one"),
        ("10.0.0.1", "o\u{1b}ne"), ("10.0.0.1", "öne"), ("10.0.0.1", String(repeating: "x", count: 254)),
    ]

    @Test(arguments: unbelievable.indices) func whatIsNoNameOrAddressIsNotBelieved(_ index: Int) {
        let (ip, name) = PodBookTests.unbelievable[index]
        #expect(PodBookTests.book(PodBookTests.answer(ip, name)).names.isEmpty)
    }

    @Test func troubleIsToldUntilAnAnswerSaysNothingOfIt() throws {
        let ip = try PodBookTests.ip("10.0.0.1")
        var book = PodBookTests.book(PodBookTests.answer("10.0.0.1", "one", [("x-trouble", "delay=50ms")]))
        #expect(book.troubles == [ip: "delay=50ms"] && book.names == [ip: "one"])
        book.learn(PodBookTests.answer("10.0.0.1", "one", [("x-trouble", "fail=1")]))
        #expect(book.troubles == [ip: "fail=1"])
        for bad in [String(repeating: "x", count: 101), "\u{1b}[31m"] {
            book.learn(PodBookTests.answer("10.0.0.1", "one", [("x-trouble", bad)]))
            #expect(book.troubles.isEmpty && book.names == [ip: "one"])
        }
        book.learn(PodBookTests.answer("10.0.0.1", "one", [("x-trouble", "fail=1")]))
        book.learn(PodBookTests.answer("10.0.0.1", "one"))
        #expect(book.troubles.isEmpty)
    }

    @Test func thereIsRoomForAThousand() throws {
        var book = PodBook()
        for number in 0..<2_000 {
            book.learn(PodBookTests.answer("10.0.\(number / 250).\(number % 250)", "pod-\(number)"))
        }
        #expect(book.names.count == PodBook.limit)
        #expect(book.names[try PodBookTests.ip("10.0.0.0")] == nil)
        #expect(book.names[try PodBookTests.ip("10.0.7.249")] == "pod-1999")
    }
}
