import Protobuf
import Testing

@Suite struct ProtobufReaderTests {
    /// A field of each kind that is read, and every kind of field that is not.
    private struct Sample: ProtobufMessage, Hashable {
        var number: UInt64 = 0
        var text = ""
        var flag = false
        var small: UInt32 = 0
        var bytes: [UInt8] = []
        var inner: UInt64 = 0

        var unknownFields: [UInt8] = []

        init() {}

        mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 0x08: number = try reader.uint64()
                case 0x12: text = try reader.string()
                case 0x18: flag = try reader.bool()
                case 0x20: small = try reader.uint32()
                case 0x2a: bytes = try reader.data()
                case 0x32:
                    var sample: Sample?
                    try reader.message(into: &sample)
                    inner = sample?.number ?? 0
                default: try reader.keep(in: &unknownFields)
                }
            }
        }

        func write(to writer: inout ProtobufWriter) {
            writer.uint64(number, field: 1)
            writer.string(text, field: 2)
            writer.bool(flag, field: 3)
            writer.uint32(small, field: 4)
            writer.data(bytes, field: 5)
            if inner != 0 {
                var sample = Sample()
                sample.number = inner
                writer.message(sample, field: 6)
            }
            writer.unknown(unknownFields)
        }
    }

    private static let full: Sample = {
        var sample = Sample()
        sample.number = 150
        sample.text = "grüß dich"
        sample.flag = true
        sample.small = 300
        sample.bytes = [0, 255, 7]
        sample.inner = .max
        return sample
    }()

    /// One unknown field of each wire type, groups within groups included; each is a whole field.
    private static let unknown: [[UInt8]] = [
        [0xa0, 0x06, 0xff, 0x01],  // 100, varint
        [0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8],  // 100, 64 bits
        [0xa2, 0x06, 0x03, 1, 2, 3],  // 100, length-delimited
        [0xa5, 0x06, 1, 2, 3, 4],  // 100, 32 bits
        [0xa3, 0x06, 0xa4, 0x06],  // 100, an empty group
        [0xa3, 0x06, 0x0a, 0x01, 0x41, 0xab, 0x06, 0x08, 0x01, 0xac, 0x06, 0xa4, 0x06],  // a group in a group
    ]

    private func reason(_ bytes: [UInt8]) -> ProtobufError.Reason? { error(bytes)?.reason }

    private func error(_ bytes: [UInt8]) -> ProtobufError? {
        do throws(ProtobufError) {
            _ = try Sample(decoding: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func theSpecificationsExamples() throws {
        #expect(try Sample(decoding: [0x08, 0x96, 0x01]).number == 150)
        #expect(try Sample(decoding: [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]).text == "testing")
        #expect(try Sample(decoding: [0x32, 0x03, 0x08, 0x96, 0x01]).inner == 150)
    }

    @Test func whatIsWrittenIsRead() throws {
        #expect(try Sample(decoding: ProtobufReaderTests.full.encoded) == ProtobufReaderTests.full)
        #expect(try Sample(decoding: []) == Sample())
    }

    @Test func aLaterValueReplacesAnEarlierOne() throws {
        let sample = try Sample(decoding: [0x08, 1, 0x12, 1, 0x41, 0x08, 2, 0x12, 1, 0x42])
        #expect(sample.number == 2)
        #expect(sample.text == "B")
    }

    @Test func largerValuesAreCutTo32Bits() throws {
        // 2^32 + 5, and -1 as a ten-byte varint.
        #expect(try Sample(decoding: [0x20, 0x85, 0x80, 0x80, 0x80, 0x10]).small == 5)
        #expect(try Sample(decoding: [0x20] + Array(repeating: 0xff, count: 9) + [0x01]).small == .max)
    }

    @Test func anyNumberButZeroIsTrue() throws {
        #expect(try Sample(decoding: [0x18, 0x80, 0x80, 0x01]).flag)
        // Zero in two bytes.
        #expect(try !Sample(decoding: [0x18, 0x80, 0x00]).flag)
    }

    @Test func unknownFieldsOfEveryKindAreKeptInOrder() throws {
        for field in ProtobufReaderTests.unknown {
            let bytes = field + ProtobufReaderTests.full.encoded + field
            var sample = try Sample(decoding: bytes)
            #expect(sample.unknownFields == field + field)
            #expect(sample.encoded == ProtobufReaderTests.full.encoded + field + field)
            sample.unknownFields = []
            #expect(sample == ProtobufReaderTests.full, "\(field)")
        }
    }

    @Test func aMessageThatIsCutAnywhereIsTruncated() {
        for whole in ProtobufReaderTests.unknown.prefix(4) + [[0x12, 0x02, 0x41, 0x42], [0x08, 0x96, 0x01]] {
            for length in 1..<whole.count {
                let number: UInt32 = whole[0] & 0x80 == 0 ? UInt32(whole[0] >> 3) : 100
                let isInTag = whole[0] & 0x80 != 0 && length < 2
                let expected =
                    isInTag
                    ? ProtobufError(.truncatedTag, fields: [], offset: 0)
                    : ProtobufError(.truncated, fields: [number], offset: 0)
                #expect(error(Array(whole.prefix(length))) == expected, "\(length) bytes of \(whole)")
            }
        }
        // A message inside ends with its field, even if the bytes go on behind it.
        #expect(error([0x32, 0x02, 0x08, 0x96, 0x01]) == ProtobufError(.truncated, fields: [6, 1], offset: 2))
        #expect(error([0x32, 0x02, 0x12, 0x01, 0x41]) == ProtobufError(.truncated, fields: [6, 2], offset: 2))
    }

    @Test func cutsBetweenFieldsDecodeAndAllOthersFail() {
        // Six known fields, one at a time, so that it is known where each ends.
        var known: [[UInt8]] = []
        var sample = Sample()
        for change: (inout Sample) -> Void in [
            { $0.number = 150 }, { $0.text = "grüß dich" }, { $0.flag = true }, { $0.small = 300 },
            { $0.bytes = [0, 255, 7] }, { $0.inner = .max },
        ] {
            let before = sample.encoded.count
            change(&sample)
            known.append(Array(sample.encoded.dropFirst(before)))
        }
        var boundaries: Set<Int> = [0]
        var bytes: [UInt8] = []
        for field in known + ProtobufReaderTests.unknown {
            bytes += field
            boundaries.insert(bytes.count)
        }
        for length in 0...bytes.count {
            let failure = error(Array(bytes.prefix(length)))
            #expect((failure == nil) == boundaries.contains(length), "\(length) bytes")
        }
        #expect((try? Sample(decoding: bytes))?.bytes == ProtobufReaderTests.full.bytes)
    }

    @Test func lengthsBeyondTheEndAreTruncated() {
        #expect(reason([0x12, 0x80, 0x80, 0x80, 0x80, 0x08]) == .truncated)
        // A length has five bytes, too.
        #expect(reason([0x12] + Array(repeating: 0xff, count: 9) + [0x01]) == .varintTooLong)
    }

    @Test func aVarintHasTenBytesAtMost() throws {
        let long: [UInt8] = Array(repeating: 0x80, count: 10)
        #expect(reason([0x08] + long + [0x00]) == .varintTooLong)
        // A tag has five.
        #expect(reason(long + [0x00]) == .varintTooLong)
        #expect(reason([0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 0x01]) == .varintTooLong)
        #expect(try Sample(decoding: [0x88, 0x80, 0x80, 0x80, 0x00, 0x01]).number == 1)
        #expect(try Sample(decoding: [0x08] + long.dropLast() + [0x01]).number == 1 << 63)
    }

    @Test func fieldNumbersHaveARange() {
        #expect(reason([0x00, 0x01]) == .invalidFieldNumber)
        #expect(reason([0x02, 0x00]) == .invalidFieldNumber)
        // 2^29 - 1 is the last, 2^29 is over it, and so is what does not fit 32 bits.
        #expect(error([0xf8, 0xff, 0xff, 0xff, 0x0f, 0x01]) == nil)
        #expect(reason([0x80, 0x80, 0x80, 0x80, 0x10, 0x01]) == .invalidFieldNumber)
        #expect(reason([0x88, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x01]) == .varintTooLong)
    }

    @Test func wireTypesSixAndSevenDoNotExist() {
        #expect(reason([0x0e]) == .invalidWireType(6))
        #expect(reason([0x0f]) == .invalidWireType(7))
    }

    @Test func aKnownFieldOfAnotherTypeIsUnknown() throws {
        for bytes: [UInt8] in [[0x10, 0x01], [0x0a, 0x01, 0x41], [0x33, 0x08, 0x01, 0x34], [0x0d, 1, 2, 3, 4]] {
            let sample = try Sample(decoding: bytes)
            #expect(sample.unknownFields == bytes)
            #expect(sample.encoded == bytes)
        }
        #expect(error([0x34]) == ProtobufError(.unbalancedGroup, fields: [6], offset: 0))
    }

    @Test func textIsUTF8() {
        #expect(reason([0x12, 0x02, 0xc3, 0x28]) == .invalidUTF8)
        #expect(reason([0x12, 0x01, 0xff]) == .invalidUTF8)
        // An encoded surrogate, and a two-byte NUL.
        #expect(reason([0x12, 0x03, 0xed, 0xa0, 0x80]) == .invalidUTF8)
        #expect(reason([0x12, 0x02, 0xc0, 0x80]) == .invalidUTF8)
    }

    @Test func groupsAreBalanced() {
        #expect(reason([0xa4, 0x06]) == .unbalancedGroup)
        #expect(reason([0xa3, 0x06]) == .unbalancedGroup)
        #expect(reason([0xa3, 0x06, 0xac, 0x06]) == .unbalancedGroup)
    }

    @Test func groupsAreNestedToALimit() {
        func nested(_ depth: Int) -> [UInt8] {
            Array(repeating: [0xa3, 0x06], count: depth).flatMap(\.self)
                + Array(repeating: [0xa4, 0x06], count: depth).flatMap(\.self)
        }
        #expect(error(nested(100)) == nil)
        #expect(reason(nested(101)) == .nestedTooDeep)
        #expect(reason(Array(repeating: 0xa3, count: 1)) == .truncatedTag)
        #expect(reason(Array(repeating: [0xa3, 0x06], count: 100_000).flatMap(\.self)) == .nestedTooDeep)
    }

    @Test func anyBytesAreReadOrRefused() {
        var generator = SystemRandomNumberGenerator()
        let valid = ProtobufReaderTests.full.encoded + ProtobufReaderTests.unknown.flatMap(\.self)
        for round in 0..<20_000 {
            // Half noise, half a valid message with a few bytes changed.
            var bytes = round % 2 == 0 ? valid : (0..<Int.random(in: 0...24)).map { _ in UInt8.random(in: 0...255) }
            if !bytes.isEmpty {
                for _ in 0..<3 {
                    let place = Int.random(in: bytes.indices, using: &generator)
                    bytes[place] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            // What can be read can be written and read again.
            guard let sample = try? Sample(decoding: bytes) else { continue }
            #expect((try? Sample(decoding: sample.encoded)) == sample, "\(bytes)")
        }
    }

    @Test func errorsSayWhatIsWrongAndWhere() {
        func text(_ bytes: [UInt8]) -> String { error(bytes)?.description ?? "" }
        #expect(text([0x08, 0x01, 0x12, 0x05, 0x41]) == "field 2 at byte 2: the message ends in the middle of it")
        #expect(text([0x32, 0x05, 0x08, 0x01, 0x12, 0x01, 0xff]) == "field 6.2 at byte 4: a string is not valid UTF-8")
        #expect(text([0x08, 0x01, 0xa0]) == "at byte 2: the message ends in the middle of a field's tag")
        #expect(text([0x32, 0x01, 0x0e]) == "field 6.1 at byte 2: wire type 6 does not exist")
        #expect(
            "\(ProtobufError(.nestedTooDeep, fields: [7], offset: 9))"
                == "field 7 at byte 9: messages or groups are nested more than 100 deep")
    }
}
