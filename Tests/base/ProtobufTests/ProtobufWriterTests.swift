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
        let inner = written { $0.uint32(150, field: 1) }
        #expect(written { $0.message(inner, field: 3) } == [0x1a, 0x03, 0x08, 0x96, 0x01])
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
        }
        #expect(bytes == [])
    }

    @Test func anEmptyMessageIsThere() {
        #expect(written { $0.message([], field: 3) } == [0x1a, 0x00])
    }

    @Test func goesOnAfterWhatTheBufferHolds() {
        var writer = ProtobufWriter(appendingTo: [1, 2, 3])
        writer.data([9, 8], field: 1)
        #expect(writer.finish() == [1, 2, 3, 0x0a, 0x02, 9, 8])
    }
}
