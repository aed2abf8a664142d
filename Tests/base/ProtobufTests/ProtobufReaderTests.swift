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

        init() {}

        mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
            while let field = try reader.nextField() {
                switch field.number {
                case 1: number = try reader.uint64(field)
                case 2: text = try reader.string(field)
                case 3: flag = try reader.bool(field)
                case 4: small = try reader.uint32(field)
                case 5: bytes = try reader.data(field)
                case 6:
                    var message = try reader.message(field)
                    var sample = Sample()
                    try sample.merge(&message)
                    inner = sample.number
                default: try reader.skip(field)
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
                writer.message(sample.encoded, field: 6)
            }
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

    @Test func unknownFieldsOfEveryKindAreSkipped() throws {
        for field in ProtobufReaderTests.unknown {
            let bytes = field + ProtobufReaderTests.full.encoded + field
            #expect(try Sample(decoding: bytes) == ProtobufReaderTests.full, "\(field)")
        }
    }

    @Test func aMessageThatIsCutAnywhereIsTruncated() {
        for whole in ProtobufReaderTests.unknown.prefix(4) + [[0x12, 0x02, 0x41, 0x42], [0x08, 0x96, 0x01]] {
            for length in 1..<whole.count {
                let number: UInt32 = whole[0] & 0x80 == 0 ? UInt32(whole[0] >> 3) : 100
                let isInTag = whole[0] & 0x80 != 0 && length < 2
                #expect(
                    error(Array(whole.prefix(length))) == .truncated(field: isInTag ? nil : number),
                    "\(length) bytes of \(whole)")
            }
        }
        // A message inside ends with its field, even if the bytes go on behind it.
        #expect(error([0x32, 0x02, 0x08, 0x96, 0x01]) == .truncated(field: 1))
        #expect(error([0x32, 0x02, 0x12, 0x01, 0x41]) == .truncated(field: 2))
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
        #expect((try? Sample(decoding: bytes)) == ProtobufReaderTests.full)
    }

    @Test func lengthsBeyondTheEndAreTruncated() {
        #expect(error([0x12, 0x80, 0x80, 0x80, 0x80, 0x08]) == .truncated(field: 2))
        #expect(error([0x12] + Array(repeating: 0xff, count: 9) + [0x01]) == .truncated(field: 2))
    }

    @Test func aVarintHasTenBytesAtMost() throws {
        let long: [UInt8] = Array(repeating: 0x80, count: 10)
        #expect(error([0x08] + long + [0x00]) == .varintTooLong)
        #expect(error(long + [0x00]) == .varintTooLong)
        #expect(try Sample(decoding: [0x08] + long.dropLast() + [0x01]).number == 1 << 63)
    }

    @Test func fieldNumbersHaveARange() {
        #expect(error([0x00, 0x01]) == .invalidFieldNumber)
        #expect(error([0x02, 0x00]) == .invalidFieldNumber)
        // 2^29 - 1 is the last, 2^29 is over it, and so is what does not fit 32 bits.
        #expect(error([0xf8, 0xff, 0xff, 0xff, 0x0f, 0x01]) == nil)
        #expect(error([0x80, 0x80, 0x80, 0x80, 0x10, 0x01]) == .invalidFieldNumber)
        #expect(error([0x88, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x01]) == .invalidFieldNumber)
    }

    @Test func wireTypesSixAndSevenDoNotExist() {
        #expect(error([0x0e]) == .invalidWireType(6))
        #expect(error([0x0f]) == .invalidWireType(7))
    }

    @Test func aKnownFieldOfAnotherTypeIsRefused() {
        #expect(error([0x10, 0x01]) == .unexpectedWireType(field: 2, .varint, expected: .lengthDelimited))
        #expect(error([0x0a, 0x00]) == .unexpectedWireType(field: 1, .lengthDelimited, expected: .varint))
        #expect(error([0x34]) == .unexpectedWireType(field: 6, .endGroup, expected: .lengthDelimited))
    }

    @Test func textIsUTF8() {
        #expect(error([0x12, 0x02, 0xc3, 0x28]) == .invalidUTF8(field: 2))
        #expect(error([0x12, 0x01, 0xff]) == .invalidUTF8(field: 2))
        // An encoded surrogate, and a two-byte NUL.
        #expect(error([0x12, 0x03, 0xed, 0xa0, 0x80]) == .invalidUTF8(field: 2))
        #expect(error([0x12, 0x02, 0xc0, 0x80]) == .invalidUTF8(field: 2))
    }

    @Test func groupsAreBalanced() {
        #expect(error([0xa4, 0x06]) == .unbalancedGroup)
        #expect(error([0xa3, 0x06]) == .unbalancedGroup)
        #expect(error([0xa3, 0x06, 0xac, 0x06]) == .unbalancedGroup)
    }

    @Test func groupsAreNestedToALimit() {
        func nested(_ depth: Int) -> [UInt8] {
            Array(repeating: [0xa3, 0x06], count: depth).flatMap(\.self)
                + Array(repeating: [0xa4, 0x06], count: depth).flatMap(\.self)
        }
        #expect(error(nested(100)) == nil)
        #expect(error(nested(101)) == .nestedTooDeep)
        #expect(error(Array(repeating: 0xa3, count: 1)) == .truncated(field: nil))
        #expect(error(Array(repeating: [0xa3, 0x06], count: 100_000).flatMap(\.self)) == .nestedTooDeep)
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

    @Test func errorsSayWhatIsWrong() {
        #expect("\(ProtobufError.truncated(field: 7))" == "the message ends in the middle of field 7")
        #expect(
            "\(ProtobufError.unexpectedWireType(field: 2, .varint, expected: .lengthDelimited))"
                == "field 2 has wire type varint, expected lengthDelimited")
        #expect("\(ProtobufError.nestedTooDeep)" == "groups are nested more than 100 deep")
    }
}
