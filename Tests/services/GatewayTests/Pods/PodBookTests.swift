import Addresses
import RPCCore
import Synchronization
import Testing
import Timing
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

    private static func names(_ book: PodBook) -> [IPAddress: String] { book.pods.mapValues(\.name) }

    private static func troubles(_ book: PodBook) -> [IPAddress: String] { book.pods.compactMapValues(\.trouble) }

    private static func ip(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test func answersNameTheirPods() throws {
        let book = PodBookTests.book(
            PodBookTests.answer("10.0.0.1", "one"), PodBookTests.answer("fd00::2", "two"),
            PodBookTests.answer("10.0.0.1", "one", [("date", "now"), ("x-envoy-upstream-service-time", "1")]))
        #expect(
            PodBookTests.names(book) == [try PodBookTests.ip("10.0.0.1"): "one", try PodBookTests.ip("fd00::2"): "two"])
    }

    @Test func anAddressThatAnotherPodHasNowHasItsName() throws {
        let book = PodBookTests.book(PodBookTests.answer("10.0.0.1", "one"), PodBookTests.answer("10.0.0.1", "next"))
        #expect(PodBookTests.names(book) == [try PodBookTests.ip("10.0.0.1"): "next"])
    }

    private static let unbelievable: [(ip: String?, name: String?)] = [
        (nil, "one"), ("10.0.0.1", nil), ("10.0.0.1", ""), ("", "one"), ("10.0.0.256", "one"), ("pod", "one"),
        ("10.0.0.1", "o\u{1b}ne"), ("10.0.0.1", "öne"), ("10.0.0.1", String(repeating: "x", count: 254)),
    ]

    @Test(arguments: unbelievable.indices) func whatIsNoNameOrAddressIsNotBelieved(_ index: Int) {
        let (ip, name) = PodBookTests.unbelievable[index]
        #expect(PodBookTests.book(PodBookTests.answer(ip, name)).pods.isEmpty)
    }

    @Test func troubleIsToldUntilAnAnswerSaysNothingOfIt() throws {
        let ip = try PodBookTests.ip("10.0.0.1")
        var book = PodBookTests.book(PodBookTests.answer("10.0.0.1", "one", [("x-trouble", "delay=50ms")]))
        #expect(PodBookTests.troubles(book) == [ip: "delay=50ms"] && PodBookTests.names(book) == [ip: "one"])
        book.learn(PodBookTests.answer("10.0.0.1", "one", [("x-trouble", "fail=1")]))
        #expect(PodBookTests.troubles(book) == [ip: "fail=1"])
        for bad in [String(repeating: "x", count: 101), "\u{1b}[31m"] {
            book.learn(PodBookTests.answer("10.0.0.1", "one", [("x-trouble", bad)]))
            #expect(PodBookTests.troubles(book).isEmpty && PodBookTests.names(book) == [ip: "one"])
        }
        book.learn(PodBookTests.answer("10.0.0.1", "one", [("x-trouble", "fail=1")]))
        book.learn(PodBookTests.answer("10.0.0.1", "one"))
        #expect(PodBookTests.troubles(book).isEmpty)
    }

    @Test func thereIsRoomForAThousand() throws {
        var book = PodBook()
        for number in 0..<2_000 {
            book.learn(PodBookTests.answer("10.0.\(number / 250).\(number % 250)", "pod-\(number)"))
        }
        let names = PodBookTests.names(book)
        #expect(names.count == PodBook.limit)
        #expect(names[try PodBookTests.ip("10.0.0.0")] == nil)
        #expect(names[try PodBookTests.ip("10.0.7.249")] == "pod-1999")
    }

    /// Reading it costs a parse, and tells by asking for the time that it has been read.
    @Test func whatWasOnceFoundUnbelievableIsNotReadAgain() {
        let reads = Mutex(0)
        var book = PodBook {
            reads.withLock { $0 += 1 }
            return Instant(nanoseconds: 0)
        }
        for _ in 0..<10 { book.learn(PodBookTests.answer("10.0.0.256", "one")) }
        for _ in 0..<10 { book.learn(PodBookTests.answer("10.0.0.1", "one")) }
        #expect(book.pods.count == 1 && reads.withLock { $0 } == 2)
        // Another name may be a better one.
        book.learn(PodBookTests.answer("10.0.0.256", "two"))
        #expect(reads.withLock { $0 } == 3)
    }

    /// One loop has heard nothing of an address for long, another one that another pod is there now, without trouble.
    @Test func ofSeveralBooksWhoHeardOfAChangeLastIsRight() throws {
        let ip = try PodBookTests.ip("10.0.0.1")
        func book(at seconds: Int64, _ name: String, _ others: [(String, String)] = []) -> [IPAddress: PodBook.Pod] {
            var book = PodBook { Instant(nanoseconds: seconds * 1_000_000_000) }
            book.learn(PodBookTests.answer("10.0.0.1", name, others))
            return book.pods
        }
        let (old, new) = (book(at: 1, "one", [("x-trouble", "fail=1")]), book(at: 2, "next"))
        for books in [[old, new], [new, old], [new, old, [:], old]] {
            let merged = PodBook.merged(books)
            #expect(merged[ip]?.name == "next" && merged[ip]?.trouble == nil)
        }
        #expect(PodBook.merged([old])[ip]?.since == Instant(nanoseconds: 1_000_000_000))
    }

    @Test func troubleHasTheTimeAtWhichItWasFirstHeardOf() throws {
        let ip = try PodBookTests.ip("10.0.0.1")
        let seconds = Mutex<Int64>(0)
        var book = PodBook { Instant(nanoseconds: seconds.withLock { $0 }) }
        book.learn(PodBookTests.answer("10.0.0.1", "one"))
        for second in 1...3 {
            seconds.withLock { $0 = Int64(second) }
            book.learn(PodBookTests.answer("10.0.0.1", "one", [("x-trouble", "fail=1")]))
        }
        #expect(book.pods[ip] == PodBook.Pod(name: "one", trouble: "fail=1", since: Instant(nanoseconds: 1)))
    }
}
