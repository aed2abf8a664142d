import JSON
import Terminal
import Testing
import samplectl

@Suite struct EventStreamParserTests {
    private let text = """
        retry: 1000

        : hello
        id: gateway-a:1
        event: channel
        data: {"a":1}

        id: gateway-a:2
        data: one
        data:two
        data

        event: nothing

        data: last
        """

    private func parse(_ text: String, pieces: Int) -> [EventStreamParser.Event] {
        var parser = EventStreamParser()
        var events: [EventStreamParser.Event] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            events += parser.feed(Array(rest.prefix(pieces)))
            rest = rest.dropFirst(pieces)
        }
        #expect(parser.retryMilliseconds == 1000)
        return events
    }

    @Test(arguments: [1, 2, 7, 10_000], ["\n", "\r\n", "\r"])
    func howeverItIsCutAndItsLinesEnd(pieces: Int, end: String) {
        let events = parse(
            text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: end), pieces: pieces)
        #expect(events.map(\.id) == ["gateway-a:1", "gateway-a:2"])
        #expect(events.map(\.name) == ["channel", "message"])
        #expect(events.map(\.data) == [#"{"a":1}"#, "one\ntwo\n"])
    }

    @Test func aLineWithoutEndTakesNoMemoryWithoutEnd() {
        var parser = EventStreamParser()
        for _ in 0..<40 { #expect(parser.feed(Array(repeating: UInt8(ascii: "x"), count: 64 * 1024)) == []) }
        #expect(parser.feed(Array("\ndata: a\n\n".utf8)).map(\.data) == ["a"])
    }
}

@Suite struct GatewayEventTests {
    private static func event(_ gateway: String, _ number: Int, seconds: Int64, _ message: String = "") -> GatewayEvent
    {
        GatewayEvent(
            id: "\(gateway)/1:\(number)", gateway: gateway, number: number, time: seconds * 1_000_000_000,
            message: message, json: .null)
    }

    @Test func itIsReadFromWhatTheGatewaySays() throws {
        let json: JSONValue = [
            "id": "sample-service-gateway-7d9f8c6b5-x2x4z/mwr9qze4:12", "time": "2023-11-24T07:30:45.678Z",
            "gateway": "sample-service-gateway-7d9f8c6b5-x2x4z", "kind": "goaway", "message": "words",
        ]
        let event = try #require(GatewayEvent(json))
        #expect(event.number == 12 && event.time == 1_700_811_045_678_000_000 && event.message == "words")
        #expect(event.json == json)
    }

    @Test(arguments: [
        #"{}"#, #"[]"#, #"{"id":"x","gateway":"x","time":"2023-11-24T07:30:45Z","message":""}"#,
        #"{"id":"x:0","gateway":"x","time":"2023-11-24T07:30:45Z","message":""}"#,
        #"{"id":"x:1","gateway":"x","time":"now","message":""}"#,
        #"{"id":"x:1","gateway":"x","time":"2023-11-24T07:30:45Z"}"#,
    ])
    func otherValuesAreNone(text: String) throws {
        #expect(GatewayEvent(try JSONParser.parse(Array(text.utf8))) == nil)
    }

    @Test func storiesAreMergedByTimeAndEachStaysInItsOrder() {
        let events = [
            GatewayEventTests.event("a", 1, seconds: 5), GatewayEventTests.event("a", 2, seconds: 3),
            GatewayEventTests.event("a", 3, seconds: 9), GatewayEventTests.event("b", 1, seconds: 4),
            GatewayEventTests.event("b", 2, seconds: 6),
        ]
        #expect(GatewayEvent.merged(events).map { "\($0.gateway)\($0.number)" } == ["b1", "a1", "a2", "b2", "a3"])
    }

    @Test func noEventComesTwiceAndGapsAreSeen() {
        var cursor = EventCursor()
        #expect(cursor.accept(40) == .new(missed: 0), "whoever begins has missed nothing")
        #expect(cursor.accept(41) == .new(missed: 0) && cursor.accept(41) == .known && cursor.accept(7) == .known)
        #expect(cursor.accept(45) == .new(missed: 3) && cursor.last == 45)
    }

    @Test func aLineIsTimeGatewayAndMessage() {
        let pod = "sample-service-gateway-7d9f8c6b5-x2x4z"
        let event = GatewayEventTests.event(
            pod, 1, seconds: 1_700_811_045, "one connection\u{1b}[2J, and what it says of it")
        let plain = Paint(isOn: false)
        #expect(
            EventFormatter(isJSON: false, paint: plain, columns: nil).format(event)
                == "2023/11/24 07:30:45  gateway-x2x4z  one connection\\u{1b}[2J, and what it says of it\n")
        #expect(
            EventFormatter(isJSON: false, paint: plain, columns: 59).format(event) == """
                2023/11/24 07:30:45  gateway-x2x4z  one
                                                    connection\\u{1b}[2J,
                                                    and what it says of it

                """)
        #expect(EventFormatter.shortened("elsewhere") == "elsewhere")
    }
}

@Suite struct RedrawTests {
    @Test func theNextFrameGoesOverTheOneBefore() {
        var redraw = Redraw()
        #expect(redraw.frame("a\nb\n", columns: 80, rows: 24) == "\r\u{1b}[Ja\nb\n")
        #expect(redraw.frame("c", columns: 80, rows: 24) == "\u{1b}[2A\r\u{1b}[Jc\n")
        #expect(redraw.frame("d", columns: 80, rows: 24) == "\u{1b}[1A\r\u{1b}[Jd\n")
    }

    @Test func whatDoesNotFitIsLeftOut() {
        var redraw = Redraw()
        #expect(redraw.frame("abcdef\n2\n3\n4", columns: 3, rows: 3) == "\r\u{1b}[Jabc\n2\n")
        #expect(redraw.frame("x", columns: 0, rows: 0) == "\u{1b}[2A\r\u{1b}[Jx\n")
    }
}
