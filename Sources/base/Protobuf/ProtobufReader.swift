import Bytes

/// Reads the fields of a message in order, and those of the messages inside it.
///
///     while let tag = try reader.nextTag() {
///         switch tag {
///         case 10: name = try reader.string()
///         default: try reader.keep(in: &unknownFields)
///         }
///     }
///
/// A tag is a field's number and wire type in one (`number << 3 | type`), so a field of another type than its own is
/// unknown without further ado.
@usableFromInline
package struct ProtobufReader: ~Copyable, ~Escapable {
    /// How deep messages and groups may be nested, as in Google's implementations.
    package static let maxDepth = 100
    /// What a message may have at most, as in Google's implementations; a server's limit is far lower.
    package static let maxBytes = Int(Int32.max)

    let bytes: Span<UInt8>
    var position = 0
    /// Of the message that is being read.
    private(set) var end: Int
    private var depth = 0
    /// The field that is being read, and where it begins.
    private var tag: UInt32 = 0
    private var start = 0

    @_lifetime(copy bytes)
    @usableFromInline
    package init(_ bytes: Span<UInt8>) throws(ProtobufError) {
        self.bytes = bytes
        end = bytes.count
        guard bytes.count <= ProtobufReader.maxBytes else { throw ProtobufError(.tooLong, fields: [], offset: 0) }
    }

    /// nil at the end of the message.
    package mutating func nextTag() throws(ProtobufError) -> UInt32? {
        guard position < end else { return nil }
        start = position
        let first = bytes[position]
        if first < 0x80 {
            position += 1
            tag = UInt32(first)
        } else {
            tag = 0
            tag = try longTag()
        }
        return tag
    }

    /// Passes over the field, whatever it is, and appends it to `unknownFields` as it is.
    package mutating func keep(in unknownFields: inout [UInt8]) throws(ProtobufError) {
        let start = start
        try skip()
        unknownFields.append(contentsOf: bytes.extracting(start..<position))
    }

    /// Passes over the field, whatever it is.
    package mutating func skip() throws(ProtobufError) {
        guard (1...0x1fff_ffff).contains(tag >> 3) else { throw error(.invalidFieldNumber) }
        guard let type = WireType(rawValue: UInt8(tag & 7)) else { throw error(.invalidWireType(UInt8(tag & 7))) }
        switch type {
        case .varint: _ = try varint()
        case .fixed64: _ = try advance(8)
        case .fixed32: _ = try advance(4)
        case .lengthDelimited: _ = try payload()
        case .endGroup: throw error(.unbalancedGroup)
        case .startGroup: try skipGroup()
        }
    }

    /// An unknown one: proto3 has none.
    private mutating func skipGroup() throws(ProtobufError) {
        let (tag, start) = (tag, start)
        guard depth < ProtobufReader.maxDepth else { throw error(.nestedTooDeep) }
        depth += 1
        while let inner = try nextTag() {
            if inner == tag + 1 {
                depth -= 1
                return
            }
            try skip()
        }
        (self.tag, self.start) = (tag, start)
        throw error(.unbalancedGroup)
    }

    // MARK: Values

    package mutating func string() throws(ProtobufError) -> String {
        guard let text = String(validating: bytes.extracting(try payload())) else { throw error(.invalidUTF8) }
        return text
    }

    package mutating func data() throws(ProtobufError) -> [UInt8] {
        Array(copying: bytes.extracting(try payload()))
    }

    package mutating func varint() throws(ProtobufError) -> UInt64 {
        // One byte, nearly always.
        if position < end {
            let byte = bytes[position]
            if byte < 0x80 {
                position += 1
                return UInt64(byte)
            }
        }
        return try longVarint()
    }

    package mutating func fixed32() throws(ProtobufError) -> UInt32 {
        let place = try advance(4)
        return bytes.bigEndian(at: place).byteSwapped
    }

    package mutating func fixed64() throws(ProtobufError) -> UInt64 {
        let place = try advance(8)
        return UInt64(littleEndian: bytes.word(at: place))
    }

    // MARK: Parts

    /// Reads the message inside the field into `message`, which may have fields already.
    package mutating func message<Message: ProtobufMessage>(into message: inout Message) throws(ProtobufError) {
        let outer = try enter()
        do throws(ProtobufError) {
            try message.merge(&self)
        } catch {
            throw error.inside(outer.tag >> 3)
        }
        leave(outer)
    }

    package mutating func message<Message: ProtobufMessage>(into message: inout Message?) throws(ProtobufError) {
        var inner = Message()
        if let old = message {
            inner = old
            // Not in two places while it is changed.
            message = nil
        }
        try self.message(into: &inner)
        message = inner
    }

    package mutating func message<Message: ProtobufMessage>() throws(ProtobufError) -> Message {
        var message = Message()
        try self.message(into: &message)
        return message
    }

    /// Values of a repeated field, one after the other without tags.
    package mutating func packed<Coding: ProtobufCoding>(
        _ coding: Coding, into values: inout [Coding.Value]
    ) throws(ProtobufError) {
        let range = try payload()
        let outer = end
        position = range.lowerBound
        end = range.upperBound
        // Only for more than are there: what is reserved is exact, so that of many small parts each would move all.
        if let width = coding.wireType.width, range.count / width > values.count {
            values.reserveCapacity(values.count + range.count / width)
        }
        while position < end {
            var value = coding.initial
            try coding.read(&self, into: &value)
            values.append(value)
        }
        end = outer
    }

    /// An entry of a map: a message with the key as field 1 and the value as field 2.
    package mutating func entry<Key: ProtobufCoding, Value: ProtobufCoding>(
        _ key: Key, _ value: Value, into map: inout [Key.Value: Value.Value]
    ) throws(ProtobufError) {
        var (found, content) = (key.initial, value.initial)
        let outer = try enter()
        do throws(ProtobufError) {
            while let tag = try nextTag() {
                switch tag {
                case key.wireType.tag(1): try key.read(&self, into: &found)
                case value.wireType.tag(2): try value.read(&self, into: &content)
                default: try skip()
                }
            }
        } catch {
            throw error.inside(outer.tag >> 3)
        }
        leave(outer)
        map[found] = content
    }

    /// What is gone back to behind a message that is inside another.
    private struct Outer {
        let end: Int
        let tag: UInt32
    }

    private mutating func enter() throws(ProtobufError) -> Outer {
        let range = try payload()
        guard depth < ProtobufReader.maxDepth else { throw error(.nestedTooDeep) }
        let outer = Outer(end: end, tag: tag)
        depth += 1
        position = range.lowerBound
        end = range.upperBound
        return outer
    }

    private mutating func leave(_ outer: Outer) {
        depth -= 1
        end = outer.end
    }

    /// Passes over the bytes that the field says to have.
    @inline(__always)
    private mutating func payload() throws(ProtobufError) -> Range<Int> {
        let length = try length()
        guard length <= end - position else { throw error(.truncated) }
        let start = position
        position += length
        return start..<position
    }

    /// Where the bytes were.
    private mutating func advance(_ count: Int) throws(ProtobufError) -> Int {
        guard count <= end - position else { throw error(.truncated) }
        let place = position
        position += count
        return place
    }

    @inline(never)
    private mutating func longVarint() throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = bytes[position]
            position += 1
            // The tenth byte holds bit 63 only; what is above it is dropped, as every implementation does.
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
            if shift > 63 { throw error(.varintTooLong) }
        }
        throw error(.truncated)
    }

    @inline(never)
    private mutating func longTag() throws(ProtobufError) -> UInt32 {
        guard let value = try shortVarint() else { throw error(.truncatedTag) }
        guard let tag = UInt32(exactly: value) else { throw error(.invalidFieldNumber) }
        return tag
    }

    @inline(__always)
    private mutating func length() throws(ProtobufError) -> Int {
        if position < end {
            let byte = bytes[position]
            if byte < 0x80 {
                position += 1
                return Int(byte)
            }
        }
        return try longLength()
    }

    @inline(never)
    private mutating func longLength() throws(ProtobufError) -> Int {
        guard let value = try shortVarint() else { throw error(.truncated) }
        return Int(value)
    }

    /// Tags and lengths have five bytes at most; nil at the end of the message.
    private mutating func shortVarint() throws(ProtobufError) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
            if shift > 28 { throw error(.varintTooLong) }
        }
        return nil
    }

    private func error(_ reason: ProtobufError.Reason) -> ProtobufError {
        ProtobufError(reason, fields: tag == 0 ? [] : [tag >> 3], offset: start)
    }
}

extension WireType {
    /// Bytes of every value, where it is the same for all.
    var width: Int? {
        switch self {
        case .fixed32: 4
        case .fixed64: 8
        case .varint, .lengthDelimited, .startGroup, .endGroup: nil
        }
    }
}
