import HelloWorldAPI
import Protobuf
import Testing

/// The examples are those of protobuf.dev, "Encoding".
@Suite struct ProtobufWriterTests {
    private func written(_ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var writer = ProtobufWriter()
        write(&writer)
        return writer.finish()
    }

    @Test func theSpecificationsExamples() {
        #expect(written { $0.uint64(150, field: 1) } == [0x08, 0x96, 0x01])
        #expect(
            written { $0.string("testing", field: 2) } == [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67])
        #expect(written { $0.packed(.int32, [3, 270, 86942], field: 6) } == [0x32, 6, 3, 0x8e, 2, 0x9e, 0xa7, 5])
        #expect(written { $0.sint32(-2, field: 1) } == [0x08, 0x03])
        #expect(written { $0.int32(-2, field: 1) } == [0x08, 0xfe] + Array(repeating: 0xff, count: 8) + [0x01])
    }

    @Test(
        arguments: [
            (1, [0x01]), (127, [0x7f]), (128, [0x80, 0x01]), (300, [0xac, 0x02]), (16_383, [0xff, 0x7f]),
            (16_384, [0x80, 0x80, 0x01]), (UInt64.max, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
        ] as [(UInt64, [UInt8])])
    func varints(value: UInt64, bytes: [UInt8]) {
        #expect(written { $0.uint64(value, field: 1) } == [0x08] + bytes)
    }

    @Test func aFieldNumberOverFifteenTakesTwoBytes() {
        #expect(written { $0.bool(true, field: 16) } == [0x80, 0x01, 0x01])
        #expect(written { $0.bool(true, field: 0x1fff_ffff) } == [0xf8, 0xff, 0xff, 0xff, 0x0f, 0x01])
    }

    @Test func defaultsAreLeftOut() {
        let bytes = written {
            $0.uint64(0, field: 1)
            $0.uint32(0, field: 2)
            $0.bool(false, field: 3)
            $0.string("", field: 4)
            $0.data([], field: 5)
            $0.double(0, field: 6)
            $0.packed(.int64, [], field: 7)
            $0.map(.string, .bool, [:], field: 8)
            $0.message(nil as HelloRequest?, field: 9)
        }
        #expect(bytes == [])
    }

    @Test func minusZeroIsNoDefault() {
        #expect(written { $0.double(-0.0, field: 1) } == [0x09, 0, 0, 0, 0, 0, 0, 0, 0x80])
        #expect(written { $0.float(-0.0, field: 1) } == [0x0d, 0, 0, 0, 0x80])
    }

    @Test func anEmptyMessageIsThere() {
        #expect(written { $0.message(HelloRequest(), field: 3) } == [0x1a, 0x00])
    }

    /// The length has one byte, then two, then three; what was written moves.
    @Test(arguments: [(124, 1), (125, 1), (126, 2), (16_380, 2), (16_381, 3), (2_097_148, 4)])
    func lengthsOfMessagesTakeWhatTheyNeed(nameLength: Int, lengthBytes: Int) throws {
        let request = HelloRequest(name: String(repeating: "x", count: nameLength))
        let bytes = written { $0.message(request, field: 3) }
        #expect(bytes.count == 1 + lengthBytes + request.encoded.count)
        #expect(Array(bytes.suffix(request.encoded.count)) == request.encoded)
        var reader = try ProtobufReader(bytes.span)
        #expect(try reader.nextTag() == 0x1a)
        let read: HelloRequest = try reader.message()
        #expect(read == request)
        #expect(try reader.nextTag() == nil)
    }

    @Test func entriesOfAMapAreInTheOrderOfTheirKeys() {
        let map = ["b": 2, "a": 1, "c": 0] as [String: Int32]
        #expect(
            written { $0.map(.string, .int32, map, field: 1) }
                == [0x0a, 5, 0x0a, 1, 0x61, 0x10, 1, 0x0a, 5, 0x0a, 1, 0x62, 0x10, 2, 0x0a, 5, 0x0a, 1, 0x63, 0x10, 0])
    }

    @Test func goesOnAfterWhatTheBufferHolds() {
        var writer = ProtobufWriter(appendingTo: [1, 2, 3])
        writer.data([9, 8], field: 1)
        #expect(writer.finish() == [1, 2, 3, 0x0a, 0x02, 9, 8])
    }
}
