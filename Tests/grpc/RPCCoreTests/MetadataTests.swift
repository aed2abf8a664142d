import Bytes
import RPCCore
import Testing

@Suite struct MetadataTests {
    @Test func keepsOrderAndRepetitions() throws {
        var metadata = Metadata()
        #expect(metadata.isEmpty)
        try metadata.append("b", "1")
        try metadata.append("a", "")
        try metadata.append("b", "2")
        #expect(metadata.lines == ["b: 1", "a: ", "b: 2"])
        #expect(metadata.count == 3)
        #expect(metadata["b"] == "1")
        #expect(metadata["a"] == "")
    }

    @Test func onlyOneOfAKindIsSingle() throws {
        var metadata = Metadata()
        #expect(metadata.single("a") == nil && metadata.values("a").isEmpty)
        try metadata.append("a", "1")
        try metadata.append("b", "2")
        #expect(metadata.single("a") == "1" && metadata.values("a") == ["1"])
        try metadata.append("a", "1")
        #expect(metadata.single("a") == nil && metadata.values("a") == ["1", "1"] && metadata.single("b") == "2")
        try metadata.append("a", "3")
        #expect(metadata.single("a") == nil && metadata.values("a") == ["1", "1", "3"])
        metadata.append(key: Array("raw".utf8).span, value: [0xff].span)
        #expect(metadata.single("raw") == nil && metadata.values("raw") == ["\u{FFFD}"])
    }

    @Test func aKeyIsFoundWholeOnly() throws {
        var metadata = Metadata()
        try metadata.append("x-delay", "5s")
        #expect(metadata["x-dela"] == nil)
        #expect(metadata["x-delay2"] == nil)
        #expect(metadata["x-delay"] == "5s")
        // The value of one entry lies next to the key of the next.
        try metadata.append("k", "v")
        #expect(metadata["sk"] == nil)
        #expect(metadata[""] == nil)
    }

    @Test func aValueThatIsNotTextIsNotText() {
        var metadata = Metadata()
        metadata.append(key: Array("raw".utf8).span, value: [0xff, 0xfe].span)
        #expect(metadata["raw"] == nil)
        var values: [[UInt8]] = []
        metadata.forEach { _, value in values.append(value.indices.map { value[$0] }) }
        #expect(values == [[0xff, 0xfe]])
    }

    private func error(_ key: String, _ value: String) -> RPCError? {
        var metadata = Metadata()
        do throws(RPCError) {
            try metadata.append(key, value)
            return nil
        } catch {
            #expect(metadata.isEmpty)
            return error
        }
    }

    /// RFC 9113 section 8.2.1: a peer treats the call as malformed, or the whole connection.
    @Test(arguments: [
        ("X-Key", #"metadata key "X-Key" has to be of a–z, digits, -, _ and . alone"#),
        ("", #"metadata key "" is empty"#), ("a key", nil), ("a:b", nil), (":path", nil), ("schlüssel", nil),
        ("a\r\nb", #"metadata key "a\r\nb" has to be of a–z, digits, -, _ and . alone"#), ("k\0", nil), ("k/", nil),
        ("k`", nil), ("k{", nil), ("k@", nil), ("k,", nil), ("k^", nil),
        ("connection", #"metadata key "connection" is a field of HTTP's own"#), ("keep-alive", nil), ("upgrade", nil),
        ("proxy-connection", nil), ("transfer-encoding", nil), ("content-length", nil), ("host", nil),
    ])
    func aKeyThatCannotBeSentIsNotTaken(key: String, message: String?) {
        let error = error(key, "value")
        #expect(error?.code == .internal)
        if let message { #expect(error?.message == message) }
    }

    @Test func keysOfEveryAllowedKind() throws {
        var metadata = Metadata()
        let key = "abcdefghijklmnopqrstuvwxyz0123456789-_."
        try metadata.append(key, "v")
        try metadata.append("connections", "v")
        #expect(metadata.lines == ["\(key): v", "connections: v"])
    }

    @Test func aValueIsPrintableASCII() {
        for length in [1, 7, 8, 9, 16, 23] {
            for position in 0..<length {
                for byte in UInt8.min...UInt8.max {
                    var bytes = Array(repeating: UInt8(ascii: "v"), count: length)
                    bytes[position] = byte
                    #expect(bytes.span.isPrintableASCII == (0x20...0x7E).contains(byte), "\(byte) at \(position)")
                }
            }
        }
        for text in ["a\nb", "a\r", "\0", "tab\t", "Zoë", "\u{7F}"] {
            #expect(
                error("k", text)
                    == RPCError(
                        .internal,
                        #"metadata key "k" has a value that is not printable ASCII, which only a key that ends in -bin "#
                            + "may have"))
        }
    }

    /// RFC 9113 section 8.2.1 allows none around a value.
    @Test func blanksAroundAValueAreDropped() throws {
        var metadata = Metadata()
        try metadata.append("k", "  a b ")
        try metadata.append("k", " ")
        #expect(metadata.lines == ["k: a b", "k: "])
    }

    @Test func bytesUnderAKeyForThem() throws {
        var metadata = Metadata()
        try metadata.append(binary: [0, 1, 2, 0xFF], for: "data-bin")
        try metadata.append(binary: [], for: "data-bin")
        try metadata.append(binary: [0xFB, 0xFF], for: "other-bin")
        #expect(metadata.lines == ["data-bin: AAEC/w", "data-bin: ", "other-bin: +/8"])
        #expect(try metadata.binaryValues(of: "data-bin") == [[0, 1, 2, 0xFF], []])
        #expect(try metadata.binaryValues(of: "other-bin") == [[0xFB, 0xFF]])
        #expect(try metadata.binaryValues(of: "no-bin") == [])
        let wrong = #expect(throws: RPCError.self) { try metadata.append(binary: [1], for: "data") }
        #expect(wrong == RPCError(.internal, #"metadata key "data" has to end in -bin to have bytes for a value"#))
        #expect(throws: RPCError.self) { try metadata.append(binary: [1], for: "Data-bin") }
        #expect(metadata.count == 3)
    }

    /// What Python's base64 makes of them, as grpcio sends it and as others may.
    @Test(
        arguments: [
            ("AAEC/w==", [[0, 1, 2, 255]]), ("AAEC/w", [[0, 1, 2, 255]]), ("", [[]]), ("CrsK", [[10, 187, 10]]),
            ("AQ==,Ag==", [[1], [2]]), ("AQ, Ag", [[1], [2]]), ("AQ,,AQID", [[1], [], [1, 2, 3]]),
        ] as [(String, [[UInt8]])])
    func bytesAsOthersWriteThem(text: String, values: [[UInt8]]) throws {
        var metadata = Metadata()
        try metadata.append("k-bin", text)
        #expect(try metadata.binaryValues(of: "k-bin") == values)
    }

    @Test(arguments: ["A", "AQ=", "AQ==\u{7F}", "@@@@", "AQ==,A", "A Q", "AQ==AQ=="])
    func whatIsNotBase64IsNamed(text: String) {
        var metadata = Metadata()
        metadata.append(key: "k-bin".utf8.span, value: text.utf8.span)
        let error = #expect(throws: RPCError.self) { try metadata.binaryValues(of: "k-bin") }
        #expect(error == RPCError(.internal, #"metadata key "k-bin" has a value that is not base64"#))
        #expect(self.error("k-bin", text)?.code == .internal)
    }

    @Test func fieldsOfAResponseThatAreTheApplications() {
        let reserved = ["grpc-status", "grpc-message", "te", "content-type", ":status", "grpc-encoding", "grpc-x"]
        let free = ["grpc-status-details-bin", "grpc-retry-pushback-ms", "x", "grpc-tags-bin"]
        #expect((reserved + free).filter { Metadata.isReservedInResponse($0.utf8.span) } == reserved)
        #expect((reserved + free).filter { Metadata.isReserved($0.utf8.span) } == reserved + free.prefix(2))
    }

    @Test func errorsAndMethodsSayWhatTheyAre() {
        #expect(RPCError(.deadlineExceeded, "too late").description == "DEADLINE_EXCEEDED: too late")
        #expect(MethodDescriptor(service: "a.B", method: "C").path == "/a.B/C")
        #expect(StatusCode.allCases.map(\.rawValue) == Array(0...16))
        #expect(Set(StatusCode.allCases.map(\.name)).count == 17)
    }
}
