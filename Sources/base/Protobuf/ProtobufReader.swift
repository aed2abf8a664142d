import Bytes

/// Reads the fields of one message in order.
///
///     while let field = try reader.nextField() {
///         switch field.number {
///         case 1: name = try reader.string(field)
///         default: try reader.skip(field)
///         }
///     }
package struct ProtobufReader: Sendable {
    package struct Field: Hashable, Sendable {
        package let number: UInt32
        package let type: WireType
    }

    static let maxDepth = 100

    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// nil at the end of the message.
    package mutating func nextField() throws(ProtobufError) -> Field? {
        guard position < end else { return nil }
        let tag = try varint(in: nil)
        guard let type = WireType(rawValue: UInt8(tag & 7)) else { throw .invalidWireType(UInt8(tag & 7)) }
        guard let number = UInt32(exactly: tag >> 3), (1...0x1fff_ffff).contains(number) else {
            throw .invalidFieldNumber
        }
        return Field(number: number, type: type)
    }

    package mutating func uint64(_ field: Field) throws(ProtobufError) -> UInt64 {
        try expect(.varint, field)
        return try varint(in: field.number)
    }

    /// Larger values are cut to 32 bits, as the specification asks.
    package mutating func uint32(_ field: Field) throws(ProtobufError) -> UInt32 {
        UInt32(truncatingIfNeeded: try uint64(field))
    }

    package mutating func bool(_ field: Field) throws(ProtobufError) -> Bool {
        try uint64(field) != 0
    }

    package mutating func string(_ field: Field) throws(ProtobufError) -> String {
        let range = try payload(field)
        guard let text = String(validating: bytes.span.extracting(range)) else {
            throw .invalidUTF8(field: field.number)
        }
        return text
    }

    package mutating func data(_ field: Field) throws(ProtobufError) -> [UInt8] {
        Array(bytes[try payload(field)])
    }

    /// A reader for the message inside a field.
    package mutating func message(_ field: Field) throws(ProtobufError) -> ProtobufReader {
        ProtobufReader(bytes, try payload(field))
    }

    /// Passes over a field of any type.
    package mutating func skip(_ field: Field) throws(ProtobufError) { try skip(field, depth: 0) }

    private mutating func skip(_ field: Field, depth: Int) throws(ProtobufError) {
        switch field.type {
        case .varint: _ = try varint(in: field.number)
        case .fixed64: try advance(8, field.number)
        case .fixed32: try advance(4, field.number)
        case .lengthDelimited: _ = try payload(field)
        case .endGroup: throw .unbalancedGroup
        case .startGroup:
            guard depth < ProtobufReader.maxDepth else { throw .nestedTooDeep }
            while let inner = try nextField() {
                if inner.type == .endGroup {
                    if inner.number == field.number { return }
                    throw .unbalancedGroup
                }
                try skip(inner, depth: depth + 1)
            }
            throw .unbalancedGroup
        }
    }

    private mutating func payload(_ field: Field) throws(ProtobufError) -> Range<Int> {
        try expect(.lengthDelimited, field)
        let length = try varint(in: field.number)
        guard length <= UInt64(end - position) else { throw .truncated(field: field.number) }
        let start = position
        position += Int(length)
        return start..<position
    }

    private func expect(_ type: WireType, _ field: Field) throws(ProtobufError) {
        guard field.type == type else {
            throw .unexpectedWireType(field: field.number, field.type, expected: type)
        }
    }

    private mutating func advance(_ count: Int, _ field: UInt32) throws(ProtobufError) {
        guard count <= end - position else { throw .truncated(field: field) }
        position += count
    }

    private mutating func varint(in field: UInt32?) throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = bytes[position]
            position += 1
            // The tenth byte holds bit 63 only; what is above it is dropped, as every implementation does.
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
            if shift > 63 { throw .varintTooLong }
        }
        throw .truncated(field: field)
    }
}
