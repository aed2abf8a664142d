import RPCCore
import Testing

@Suite struct MetadataTests {
    @Test func keepsOrderAndRepetitions() {
        var metadata = Metadata()
        #expect(metadata.isEmpty)
        metadata.append("b", "1")
        metadata.append("a", "")
        metadata.append("b", "2")
        #expect(metadata.lines == ["b: 1", "a: ", "b: 2"])
        #expect(metadata.count == 3)
        #expect(metadata["b"] == "1")
        #expect(metadata["a"] == "")
    }

    @Test func aKeyIsFoundWholeOnly() {
        var metadata = Metadata()
        metadata.append("x-delay", "5s")
        #expect(metadata["x-dela"] == nil)
        #expect(metadata["x-delay2"] == nil)
        #expect(metadata["x-delay"] == "5s")
        // The value of one entry lies next to the key of the next.
        metadata.append("k", "v")
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

    @Test func errorsAndMethodsSayWhatTheyAre() {
        #expect(RPCError(.deadlineExceeded, "too late").description == "DEADLINE_EXCEEDED: too late")
        #expect(MethodDescriptor(service: "a.B", method: "C").path == "/a.B/C")
        #expect(StatusCode.allCases.map(\.rawValue) == Array(0...16))
        #expect(Set(StatusCode.allCases.map(\.name)).count == 17)
    }
}
