import Bytes
import RPCCore
import Testing

@Suite struct ResponseReaderTests {
    private static let head = [(":status", "200"), ("content-type", "application/grpc")]

    private func reader(_ cardinality: ResponseReader.Cardinality = .any) -> ResponseReader {
        ResponseReader(maxMessageBytes: 100, expecting: cardinality)
    }

    private func messages(_ reader: inout ResponseReader, _ data: [UInt8]) -> (messages: [[UInt8]], wanted: Bool) {
        var messages: [[UInt8]] = []
        let wanted = reader.receive(data: data.span) { message in
            do throws(RPCError) { messages.append(try message.content()) } catch { Issue.record(error) }
        }
        return (messages, wanted)
    }

    @Test func headersAMessageAndTrailers() {
        var reader = reader()
        #expect(!reader.hasHeaders)
        #expect(reader.receive(ResponseReaderTests.head + [("x-first", "1")], endStream: false) == true)
        #expect(reader.hasHeaders)
        #expect(messages(&reader, frame([1, 2])).messages == [[1, 2]])
        #expect(reader.receive([("grpc-status", "0"), ("x-last", "2")], endStream: true) == true)
        #expect(reader.status(.ended) == nil)
        #expect(reader.initialMetadata.lines == ["x-first: 1"])
        #expect(reader.trailingMetadata.lines == ["x-last: 2"])
    }

    @Test func trailersOnly() {
        var reader = reader()
        let block =
            ResponseReaderTests.head + [("grpc-status", "5"), ("grpc-message", "no such thing"), ("x-why", "gone")]
        _ = reader.receive(block, endStream: true)
        let error = reader.status(.ended)
        #expect(error?.code == .notFound)
        #expect(error?.message == "no such thing")
        #expect(error?.metadata.lines == ["x-why: gone"])
        #expect(reader.initialMetadata.isEmpty)
    }

    @Test func theStatusOutweighsALaterReset() {
        var reader = reader()
        _ = reader.receive(ResponseReaderTests.head + [("grpc-status", "13")], endStream: true)
        #expect(reader.status(.reset(8, name: "RESET"))?.code == .internal)
    }

    @Test func everyCodeIsRead() {
        for code in StatusCode.allCases where code != .ok {
            var reader = reader()
            _ = reader.receive(ResponseReaderTests.head + [("grpc-status", "\(code.rawValue)")], endStream: true)
            #expect(reader.status(.ended)?.code == code)
        }
    }

    @Test(arguments: ["17", "999", "-1", "", "x", "0000", "1 ", "٣"])
    func aNumberThatIsNoStatusIsUnknown(text: String) {
        var reader = reader()
        _ = reader.receive(ResponseReaderTests.head + [("grpc-status", text)], endStream: true)
        #expect(reader.status(.ended)?.code == .unknown)
    }

    @Test(arguments: [
        ("a%20b", "a b"), ("100%", "100%"), ("%E2%82%AC", "€"), ("%zz%41", "%zzA"), ("%FF", "\u{fffd}"), ("", ""),
        ("caf%C3%A9%0A", "café\n"),
    ])
    func messagesArePercentDecoded(wire: String, text: String) {
        var reader = reader()
        _ = reader.receive(ResponseReaderTests.head + [("grpc-status", "2"), ("grpc-message", wire)], endStream: true)
        #expect(reader.status(.ended)?.message == text)
    }

    @Test func aMessageThatIsNotUTF8IsKept() {
        var reader = reader()
        for (name, value) in ResponseReaderTests.head + [("grpc-status", "2")] {
            reader.receive(field: name.utf8.span, value: value.utf8.span)
        }
        reader.receive(field: "grpc-message".utf8.span, value: ([0xE9, 0x74, 0xE9] + Array("%41".utf8)).span)
        _ = reader.headersEnded(endStream: true)
        #expect(reader.status(.ended)?.message == "\u{FFFD}t\u{FFFD}A")
    }

    @Test(arguments: [
        ("application/grpc", true), ("application/grpc+proto", true), ("application/grpc;charset=utf-8", true),
        ("Application/GRPC+JSON", true), ("application/grpcx", false), ("application/grpc-web", false),
        ("application/grp", false), ("", false),
    ])
    func onlyGRPCsMediaTypesCount(type: String, isGRPC: Bool) {
        var reader = reader()
        #expect(reader.receive([(":status", "200"), ("content-type", type)], endStream: false) == isGRPC)
    }

    @Test(arguments: [
        (400, StatusCode.internal), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented),
        (429, .unavailable), (502, .unavailable), (503, .unavailable), (504, .unavailable), (405, .unknown),
        (415, .unknown), (431, .unknown), (500, .unknown), (302, .unknown), (204, .unknown),
    ])
    func anHTTPStatusIsMapped(status: Int, code: StatusCode) {
        for endStream in [true, false] {
            var reader = reader()
            let wanted = reader.receive(
                [(":status", "\(status)"), ("content-type", "text/html")], endStream: endStream)
            // There is nothing to read in an error page.
            if !endStream { #expect(!wanted) }
            let error = reader.status(.ended)
            #expect(error?.code == code)
            #expect(error?.message == "the server answered HTTP \(status), not with gRPC")
        }
    }

    @Test func aProxysStatusCountsEvenIfItIsNotGRPC() {
        // Envoy answers for a server it cannot reach with HTTP 200 or 503, and gRPC's own fields.
        var reader = reader()
        _ = reader.receive(
            [
                (":status", "503"), ("content-type", "application/grpc"), ("grpc-status", "14"),
                ("grpc-message", "no route"),
            ],
            endStream: true)
        #expect(reader.status(.ended) == RPCError(.unavailable, "no route"))
    }

    @Test func aPageInsteadOfGRPC() {
        var reader = reader()
        #expect(reader.receive([(":status", "200"), ("content-type", "text/html")], endStream: false) == false)
        #expect(
            reader.status(.ended)
                == RPCError(.unknown, "the response has content-type \"text/html\", expected application/grpc"))
        #expect(!messages(&reader, frame([1])).wanted)
    }

    @Test(
        arguments: [
            (7, StatusCode.unavailable), (8, .cancelled), (11, .resourceExhausted), (12, .permissionDenied),
            (0x1, .internal),
            (2, .internal), (3, .internal), (5, .internal), (13, .internal), (99, .internal),
        ] as [(UInt32, StatusCode)])
    func aResetIsMapped(reset: UInt32, code: StatusCode) {
        #expect(reader().status(.reset(reset, name: "RESET"))?.code == code)
        var begun = reader()
        _ = begun.receive(ResponseReaderTests.head, endStream: false)
        #expect(begun.status(.reset(reset, name: "RESET"))?.code == code)
    }

    @Test func aStatusMustCome() {
        var ended = reader()
        _ = ended.receive(ResponseReaderTests.head, endStream: false)
        _ = messages(&ended, frame([1]))
        #expect(ended.status(.ended)?.message == "the response ended without grpc-status")
        // HTTP 200 says nothing of the call (http-grpc-status-mapping.md).
        #expect(ended.status(.ended)?.code == .unknown)
        #expect(reader().status(.ended)?.code == .internal)
    }

    @Test func aStatusInTheHeadOfALongerResponseDoesNotCount() {
        var reader = reader()
        _ = reader.receive(ResponseReaderTests.head + [("grpc-status", "0")], endStream: false)
        _ = messages(&reader, frame([1]))
        #expect(reader.status(.reset(8, name: "RESET"))?.code == .cancelled)
    }

    @Test func aMessageThatEndsEarly() {
        var reader = reader()
        _ = reader.receive(ResponseReaderTests.head, endStream: false)
        #expect(messages(&reader, [0, 0, 0, 0, 9, 1]).wanted)
        _ = reader.receive([("grpc-status", "0")], endStream: true)
        #expect(
            reader.status(.ended) == RPCError(.internal, "the response ended in the middle of a message"))
    }

    @Test func aFaultOnThisSideOutweighsTheStatus() {
        var reader = reader()
        _ = reader.receive(ResponseReaderTests.head, endStream: false)
        #expect(!messages(&reader, [0, 0, 0, 0, 101]).wanted)
        _ = reader.receive([("grpc-status", "0")], endStream: true)
        #expect(reader.status(.ended)?.code == .resourceExhausted)
    }

    @Test func anEncodingThatWasNotOffered() {
        var snappy = reader()
        #expect(snappy.receive(ResponseReaderTests.head + [("grpc-encoding", "snappy")], endStream: false) == false)
        #expect(snappy.status(.ended)?.code == .internal)
        #expect(snappy.status(.ended)?.message.contains("\"snappy\"") == true)
        var identity = reader()
        #expect(identity.receive(ResponseReaderTests.head + [("grpc-encoding", "identity")], endStream: false) == true)
    }

    @Test func anEncodingThatWasOffered() throws {
        // By Python's gzip.
        let gzip = try #require(Base64.decode("H4sIAAAAAAACA8tIzcnJVwAA9vmB7QYAAAA="))
        var reader = reader()
        #expect(reader.receive(ResponseReaderTests.head + [("grpc-encoding", "gzip")], endStream: false) == true)
        #expect(messages(&reader, frame(gzip, flag: 1) + frame([1])).messages == [Array("hello ".utf8), [1]])
        #expect(reader.messageBytes == gzip.count + 1)
        _ = reader.receive([("grpc-status", "0")], endStream: true)
        #expect(reader.status(.ended) == nil)
        // Trailers change nothing any more.
        var plain = self.reader()
        _ = plain.receive(ResponseReaderTests.head, endStream: false)
        #expect(!messages(&plain, frame(gzip, flag: 1)).wanted)
        #expect(plain.status(.ended)?.code == .internal)
    }

    @Test func informationalHeadersAreNotTheResponse() {
        var reader = reader()
        #expect(reader.receive([(":status", "103"), ("link", "</style.css>")], endStream: false) == true)
        #expect(!reader.hasHeaders)
        #expect(reader.receive(ResponseReaderTests.head, endStream: false) == true)
        _ = messages(&reader, frame([1]))
        _ = reader.receive([("grpc-status", "0")], endStream: true)
        #expect(reader.status(.ended) == nil)
        #expect(reader.initialMetadata.isEmpty)
    }

    @Test func fieldsOverTheLimit() {
        var reader = reader()
        reader.maxHeaderListBytes = 500
        let many = (0..<100).map { ("key-\($0)", "value") }
        #expect(reader.receive(ResponseReaderTests.head + many, endStream: false) == false)
        #expect(reader.status(.ended)?.code == .resourceExhausted)
        #expect(reader.initialMetadata.count < 12)
    }

    @Test func fieldsOfGRPCItselfAreNotMetadata() throws {
        var reader = reader()
        _ = reader.receive(
            ResponseReaderTests.head + [("grpc-accept-encoding", "gzip"), ("date", "today")], endStream: false)
        _ = reader.receive(
            [
                ("grpc-status", "3"), ("grpc-status-details-bin", "AAEC"), ("grpc-other", "x"),
                ("grpc-retry-pushback-ms", "20"),
            ], endStream: true)
        #expect(reader.initialMetadata.lines == ["date: today"])
        let error = try #require(reader.status(.ended))
        #expect(error.metadata.lines == ["grpc-status-details-bin: AAEC", "grpc-retry-pushback-ms: 20"])
        #expect(try error.metadata.binaryValues(of: "grpc-status-details-bin") == [[0, 1, 2]])
    }

    @Test(arguments: [0, 1, 2, 3])
    func aUnaryAnswerIsOneMessage(count: Int) {
        var reader = reader(.one)
        _ = reader.receive(ResponseReaderTests.head, endStream: false)
        let data = (0..<count).flatMap { frame([UInt8($0), 9]) }
        // One by one, and no more than the first: a second is not waited for to the end.
        var handedOut: [[UInt8]] = []
        for byte in data {
            let (messages, wanted) = messages(&reader, [byte])
            handedOut += messages
            guard wanted else { break }
        }
        #expect(handedOut == (count == 0 ? [] : [[0, 9]]))
        #expect(reader.messageBytes == 2 * min(count, 2))
        _ = reader.receive([("grpc-status", "0")], endStream: true)
        let error = reader.status(.ended)
        switch count {
        case 0: #expect(error == RPCError(.unimplemented, "no message in an answer that is one"))
        case 1: #expect(error == nil)
        default: #expect(error == RPCError(.unimplemented, "more than one message in an answer that is one"))
        }
    }

    @Test func anErrorOutweighsThatThereIsNoMessage() {
        for count in [0, 1] {
            var reader = reader(.one)
            _ = reader.receive(ResponseReaderTests.head, endStream: false)
            _ = messages(&reader, (0..<count).flatMap { _ in frame([1]) })
            _ = reader.receive([("grpc-status", "5")], endStream: true)
            #expect(reader.status(.ended)?.code == .notFound)
        }
    }

    @Test func aStreamIsAnyNumberOfMessages() {
        for count in [0, 1, 100] {
            var reader = reader(.any)
            _ = reader.receive(ResponseReaderTests.head, endStream: false)
            #expect(messages(&reader, (0..<count).flatMap { _ in frame([1]) }).messages.count == count)
            _ = reader.receive([("grpc-status", "0")], endStream: true)
            #expect(reader.status(.ended) == nil)
        }
    }

    @Test func aStreamThatEndsWithinAMessageIsNotOK() {
        var reader = reader(.any)
        _ = reader.receive(ResponseReaderTests.head, endStream: false)
        #expect(messages(&reader, frame([1]) + [0, 0, 0]).messages == [[1]])
        _ = reader.receive([("grpc-status", "0")], endStream: true)
        #expect(reader.status(.ended)?.code == .internal)
    }
}
