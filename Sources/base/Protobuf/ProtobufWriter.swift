import Bytes

/// Appends fields to a message. The functions named for a type leave a field out that is at its default, as proto3 has it;
/// `value` writes whatever it is given.
@usableFromInline
package struct ProtobufWriter: ~Copyable {
    @usableFromInline
    package var bytes: [UInt8]

    /// Goes on after what `bytes` holds.
    @inlinable
    package init(appendingTo bytes: consuming [UInt8] = []) {
        self.bytes = bytes
    }

    @inlinable
    package consuming func finish() -> [UInt8] { bytes }

    package mutating func string(_ value: String, field: UInt32) {
        guard !value.isEmpty else { return }
        lengthDelimited(value.utf8.span, field)
    }

    package mutating func data(_ value: [UInt8], field: UInt32) {
        guard !value.isEmpty else { return }
        lengthDelimited(value.span, field)
    }

    /// What `unknownFields` holds.
    @inlinable
    package mutating func unknown(_ fields: [UInt8]) {
        if !fields.isEmpty { bytes += fields }
    }

    // MARK: Parts

    /// A value that is there even if it is the default: of an `optional` field, or of a oneof.
    package mutating func value<Coding: ProtobufCoding>(_ coding: Coding, _ value: Coding.Value, field: UInt32) {
        tag(field, coding.wireType)
        coding.write(value, to: &self)
    }

    package mutating func repeated<Coding: ProtobufCoding>(_ coding: Coding, _ values: [Coding.Value], field: UInt32) {
        for each in values { value(coding, each, field: field) }
    }

    package mutating func packed<Coding: ProtobufCoding>(_ coding: Coding, _ values: [Coding.Value], field: UInt32) {
        guard !values.isEmpty else { return }
        tag(field, .lengthDelimited)
        withLength { writer in
            for value in values { coding.write(value, to: &writer) }
        }
    }

    /// Each entry is a message with the key as field 1 and the value as field 2.
    package mutating func map<Key: ProtobufMapKey, Value: ProtobufCoding>(
        _ key: Key, _ value: Value, _ map: [Key.Value: Value.Value], field: UInt32
    ) {
        guard !map.isEmpty else { return }
        for entry in map.sorted(by: { Key.precedes($0.key, $1.key) }) {
            tag(field, .lengthDelimited)
            withLength { writer in
                writer.value(key, entry.key, field: 1)
                writer.value(value, entry.value, field: 2)
            }
        }
    }

    package mutating func message<Message: ProtobufMessage>(_ message: Message?, field: UInt32) {
        guard let message else { return }
        tag(field, .lengthDelimited)
        withLength { writer in message.write(to: &writer) }
    }

    /// What `write` appends, behind its length. One byte is set aside for that; a longer length moves what was written,
    /// which is quicker than adding all sizes up beforehand.
    mutating func withLength(_ write: (inout ProtobufWriter) -> Void) {
        bytes.append(0)
        let start = bytes.count
        write(&self)
        let length = bytes.count - start
        if length < 0x80 {
            bytes[start - 1] = UInt8(truncatingIfNeeded: length)
            return
        }
        let further = (Int.bitWidth - length.leadingZeroBitCount - 1) / 7
        bytes.insert(contentsOf: repeatElement(0, count: further), at: start)
        for index in 0..<further { bytes[start - 1 + index] = UInt8(truncatingIfNeeded: length >> (7 * index)) | 0x80 }
        bytes[start - 1 + further] = UInt8(truncatingIfNeeded: length >> (7 * further))
    }

    // MARK: Bytes

    @inline(__always)
    private mutating func lengthDelimited(_ value: Span<UInt8>, _ field: UInt32) {
        guard field < 0x10, value.count < 0x80 else {
            tag(field, .lengthDelimited)
            return payload(value)
        }
        // Tag and length of one byte each, which is the usual: all in one step.
        bytes.append(addingCapacity: 2 + value.count) { output in
            output.append(UInt8(truncatingIfNeeded: field) << 3 | WireType.lengthDelimited.rawValue)
            output.append(UInt8(truncatingIfNeeded: value.count))
            output.append(copying: value)
        }
    }

    mutating func payload(_ value: Span<UInt8>) {
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func tag(_ field: UInt32, _ type: WireType) {
        varint(UInt64(type.tag(field)))
    }

    mutating func varint(_ value: UInt64) {
        // Tags and lengths, nearly always.
        if value < 0x80 { return bytes.append(UInt8(truncatingIfNeeded: value)) }
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func fixed32(_ value: UInt32) {
        for byte in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte)))) }
    }

    mutating func fixed64(_ value: UInt64) {
        for byte in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))) }
    }
}
