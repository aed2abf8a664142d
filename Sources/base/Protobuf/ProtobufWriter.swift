import Bytes

/// Appends fields to a message. Fields at their default value are left out, as proto3 has it.
package struct ProtobufWriter: ~Copyable {
    package private(set) var bytes: [UInt8]

    /// Goes on after what `bytes` holds.
    package init(appendingTo bytes: consuming [UInt8] = []) {
        self.bytes = bytes
    }

    package consuming func finish() -> [UInt8] { bytes }

    package mutating func uint64(_ value: UInt64, field: UInt32) {
        guard value != 0 else { return }
        tag(field, .varint)
        varint(value)
    }

    package mutating func uint32(_ value: UInt32, field: UInt32) { uint64(UInt64(value), field: field) }

    package mutating func bool(_ value: Bool, field: UInt32) { uint64(value ? 1 : 0, field: field) }

    package mutating func string(_ value: String, field: UInt32) {
        guard !value.isEmpty else { return }
        lengthDelimited(value.utf8.span, field)
    }

    package mutating func data(_ value: [UInt8], field: UInt32) {
        guard !value.isEmpty else { return }
        message(value, field: field)
    }

    /// A message inside this one; an empty one is written, since it is there.
    package mutating func message(_ value: [UInt8], field: UInt32) {
        lengthDelimited(value.span, field)
    }

    private mutating func lengthDelimited(_ value: Span<UInt8>, _ field: UInt32) {
        guard field < 0x10, value.count < 0x80 else {
            tag(field, .lengthDelimited)
            varint(UInt64(value.count))
            return bytes.append(contentsOf: value)
        }
        // Tag and length of one byte each, which is the usual: all in one step.
        bytes.append(addingCapacity: 2 + value.count) { output in
            output.append(UInt8(truncatingIfNeeded: field) << 3 | WireType.lengthDelimited.rawValue)
            output.append(UInt8(truncatingIfNeeded: value.count))
            output.append(copying: value)
        }
    }

    private mutating func tag(_ field: UInt32, _ type: WireType) {
        varint(UInt64(field) << 3 | UInt64(type.rawValue))
    }

    private mutating func varint(_ value: UInt64) {
        // Tags and lengths, nearly always.
        if value < 0x80 { return bytes.append(UInt8(truncatingIfNeeded: value)) }
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
