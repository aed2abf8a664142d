import Bytes
import RPCCore
import Testing

@Suite struct RequestHeadReaderTests {
    private static let head = [
        (":method", "POST"), (":scheme", "http"), (":path", "/test.Service/Method"), (":authority", "localhost"),
        ("te", "trailers"), ("content-type", "application/grpc"),
    ]

    private func reader(maxHeaderListBytes: Int = 16 * 1024) -> RequestHeadReader {
        RequestHeadReader(maxHeaderListBytes: maxHeaderListBytes)
    }

    private func outcome(replacing name: String, by value: String?) -> RequestHeadReader.Outcome {
        var fields = RequestHeadReaderTests.head.filter { $0.0 != name }
        if let value { fields.append((name, value)) }
        var reader = reader()
        return reader.receive(fields)
    }

    @Test func aCallIsAccepted() {
        var reader = reader()
        #expect(reader.receive(RequestHeadReaderTests.head) == .accepted)
        #expect(reader.head.path == Array("/test.Service/Method".utf8))
        #expect(reader.head.timeout == nil)
        #expect(reader.head.metadata.isEmpty)
    }

    @Test(arguments: ["GET", "PUT", "post", "", "POSTS", "PO"])
    func anotherMethodIs405(method: String) {
        #expect(outcome(replacing: ":method", by: method) == .rejected(httpStatus: 405))
    }

    @Test func noMethodIs405() {
        #expect(outcome(replacing: ":method", by: nil) == .rejected(httpStatus: 405))
    }

    @Test(arguments: [
        "application/grpc", "application/grpc+proto", "application/grpc+json", "application/grpc;charset=utf-8",
    ])
    func contentTypesOfGRPC(type: String) {
        #expect(outcome(replacing: "content-type", by: type) == .accepted)
    }

    @Test(arguments: [
        "application/grpc-web", "application/grpc-web+proto", "application/grpcx", "application/json", "text/html",
        "application/grp", "",
    ])
    func otherContentTypesAre415(type: String) {
        #expect(outcome(replacing: "content-type", by: type) == .rejected(httpStatus: 415))
    }

    @Test func noContentTypeIs415() {
        #expect(outcome(replacing: "content-type", by: nil) == .rejected(httpStatus: 415))
    }

    @Test func aHeadOverTheLimitIsResourceExhausted() {
        let size = RequestHeadReaderTests.head.map { $0.0.utf8.count + $0.1.utf8.count + 32 }.reduce(0, +)
        var exact = reader(maxHeaderListBytes: size)
        #expect(exact.receive(RequestHeadReaderTests.head) == .accepted)
        var over = reader(maxHeaderListBytes: size - 1)
        let tooLarge = RPCError(
            .resourceExhausted, "the request's header fields are over the limit of \(size - 1) bytes")
        #expect(over.receive(RequestHeadReaderTests.head) == .failed(tooLarge))
        // One that is not gRPC's gets HTTP's word for it.
        var other = reader(maxHeaderListBytes: size - 10)
        let get = RequestHeadReaderTests.head.map { $0.0 == ":method" ? (":method", "GET") : $0 }
        #expect(other.receive(get) == .rejected(httpStatus: 431))
        // What comes after the limit is not kept.
        var many = reader(maxHeaderListBytes: size + 1000)
        _ = many.receive(RequestHeadReaderTests.head + (0..<100).map { ("key-\($0)", "value") })
        #expect(many.head.metadata.count < 25)
    }

    @Test func aTimeoutIsRead() {
        var reader = reader()
        #expect(reader.receive(RequestHeadReaderTests.head + [("grpc-timeout", "250m")]) == .accepted)
        #expect(reader.head.timeout == .milliseconds(250))
    }

    @Test(arguments: ["", "1", "1x", "123456789S"])
    func aMalformedTimeoutFailsTheCall(text: String) {
        guard case .failed(let error) = outcome(replacing: "grpc-timeout", by: text) else {
            Issue.record("\"\(text)\" was taken")
            return
        }
        #expect(error.code == .internal)
        #expect(error.message.contains("grpc-timeout \"\(text)\""))
    }

    @Test func anUnknownEncodingIsUnimplementedAndAnsweredWithWhatIsKnown() {
        guard case .failed(let error) = outcome(replacing: "grpc-encoding", by: "snappy") else {
            Issue.record("snappy was taken")
            return
        }
        #expect(error.code == .unimplemented)
        #expect(error.message.contains("\"snappy\""))
        #expect(error.metadata["grpc-accept-encoding"] == "identity,deflate,gzip")
    }

    private struct Offer {
        var fields: [(String, String)]
        var encoding: MessageEncoding
        var accepted: MessageEncodings
    }

    private static let offers = [
        Offer(fields: [], encoding: .identity, accepted: .identity),
        Offer(fields: [("grpc-encoding", "identity")], encoding: .identity, accepted: .identity),
        // Whoever does not say what it understands understands what it speaks.
        Offer(fields: [("grpc-encoding", "gzip")], encoding: .gzip, accepted: [.identity, .gzip]),
        Offer(
            fields: [("grpc-encoding", "deflate"), ("grpc-accept-encoding", "gzip")], encoding: .deflate,
            accepted: [.identity, .gzip]),
        Offer(fields: [("grpc-accept-encoding", "identity, deflate, gzip")], encoding: .identity, accepted: .all),
        Offer(
            fields: [("grpc-accept-encoding", "gzip"), ("grpc-accept-encoding", "deflate")], encoding: .identity,
            accepted: .all),
        Offer(fields: [("grpc-accept-encoding", "snappy")], encoding: .identity, accepted: .identity),
    ]

    @Test func encodingsOfTheCall() {
        for offer in RequestHeadReaderTests.offers {
            var reader = reader()
            #expect(reader.receive(RequestHeadReaderTests.head + offer.fields) == .accepted)
            #expect(reader.head.encoding == offer.encoding)
            #expect(reader.head.acceptedEncodings == offer.accepted)
            #expect(reader.head.metadata.isEmpty)
        }
    }

    @Test func metadataIsWhatTheApplicationSent() {
        var reader = reader()
        let fields = [
            ("grpc-accept-encoding", "gzip"), ("grpc-timeout", "1S"), ("grpc-status", "0"), ("grpc-future", "x"),
            ("user-agent", "tester"), ("x-one", "1"), ("x-one", "2"), ("data-bin", "AAEC"), ("grpc-tags-bin", "AA"),
            ("grpc-trace-bin", "AQ"),
        ]
        #expect(reader.receive(RequestHeadReaderTests.head + fields) == .accepted)
        #expect(
            reader.head.metadata.lines == [
                "user-agent: tester", "x-one: 1", "x-one: 2", "data-bin: AAEC", "grpc-tags-bin: AA",
                "grpc-trace-bin: AQ",
            ])
    }

    /// Heads mostly begin alike; the rest is read by copies.
    @Test func aCopyGoesOnFromWhereItIs() {
        var common = reader()
        for (name, value) in RequestHeadReaderTests.head {
            common.receive(field: name.utf8.span, value: value.utf8.span)
        }
        for number in 0..<3 {
            var reader = common
            #expect(reader.receive([("x-number", "\(number)")]) == .accepted)
            #expect(reader.head.path == Array("/test.Service/Method".utf8))
            #expect(reader.head.metadata.lines == ["x-number: \(number)"])
        }
        #expect(common.head.metadata.isEmpty)
    }
}
