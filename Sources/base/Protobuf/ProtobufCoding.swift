/// How values of one of protobuf's types are laid out: for what takes values of any type, as maps and repeated fields.
package protocol ProtobufCoding {
    associatedtype Value

    var wireType: WireType { get }
    /// What a field has that is not there.
    var initial: Value { get }
    /// Reads what follows the tag; a message is merged into `value`.
    func read(_ reader: inout ProtobufReader, into value: inout Value) throws(ProtobufError)
    /// Appends what follows the tag.
    func write(_ value: Value, to writer: inout ProtobufWriter)
}

/// What may be the key of a map.
package protocol ProtobufMapKey: ProtobufCoding where Value: Hashable {
    /// The order in which entries are written.
    static func precedes(_ left: Value, _ right: Value) -> Bool
}

extension ProtobufMapKey where Value: Comparable {
    package static func precedes(_ left: Value, _ right: Value) -> Bool { left < right }
}

package struct DoubleCoding: ProtobufCoding {
    package var wireType: WireType { .fixed64 }
    package var initial: Double { 0 }
    package func read(_ reader: inout ProtobufReader, into value: inout Double) throws(ProtobufError) {
        value = try reader.double()
    }
    package func write(_ value: Double, to writer: inout ProtobufWriter) { writer.fixed64(value.bitPattern) }
}

package struct FloatCoding: ProtobufCoding {
    package var wireType: WireType { .fixed32 }
    package var initial: Float { 0 }
    package func read(_ reader: inout ProtobufReader, into value: inout Float) throws(ProtobufError) {
        value = try reader.float()
    }
    package func write(_ value: Float, to writer: inout ProtobufWriter) { writer.fixed32(value.bitPattern) }
}

package struct Int32Coding: ProtobufMapKey {
    package var wireType: WireType { .varint }
    package var initial: Int32 { 0 }
    package func read(_ reader: inout ProtobufReader, into value: inout Int32) throws(ProtobufError) {
        value = try reader.int32()
    }
    package func write(_ value: Int32, to writer: inout ProtobufWriter) {
        writer.varint(UInt64(bitPattern: Int64(value)))
    }
}

package struct Int64Coding: ProtobufMapKey {
    package var wireType: WireType { .varint }
    package var initial: Int64 { 0 }
    package func read(_ reader: inout ProtobufReader, into value: inout Int64) throws(ProtobufError) {
        value = try reader.int64()
    }
    package func write(_ value: Int64, to writer: inout ProtobufWriter) { writer.varint(UInt64(bitPattern: value)) }
}

package struct UInt32Coding: ProtobufMapKey {
    package var wireType: WireType { .varint }
    package var initial: UInt32 { 0 }
    package func read(_ reader: inout ProtobufReader, into value: inout UInt32) throws(ProtobufError) {
        value = try reader.uint32()
    }
    package func write(_ value: UInt32, to writer: inout ProtobufWriter) { writer.varint(UInt64(value)) }
}

package struct UInt64Coding: ProtobufMapKey {
    package var wireType: WireType { .varint }
    package var initial: UInt64 { 0 }
    package func read(_ reader: inout ProtobufReader, into value: inout UInt64) throws(ProtobufError) {
        value = try reader.uint64()
    }
    package func write(_ value: UInt64, to writer: inout ProtobufWriter) { writer.varint(value) }
}

package struct SInt32Coding: ProtobufMapKey {
    package var wireType: WireType { .varint }
    package var initial: Int32 { 0 }
    package func read(_ reader: inout ProtobufReader, into value: inout Int32) throws(ProtobufError) {
        value = try reader.sint32()
    }
    package func write(_ value: Int32, to writer: inout ProtobufWriter) {
        writer.varint(UInt64(UInt32(bitPattern: value << 1 ^ value >> 31)))
    }
}

package struct SInt64Coding: ProtobufMapKey {
    package var wireType: WireType { .varint }
    package var initial: Int64 { 0 }
    package func read(_ reader: inout ProtobufReader, into value: inout Int64) throws(ProtobufError) {
        value = try reader.sint64()
    }
    package func write(_ value: Int64, to writer: inout ProtobufWriter) {
        writer.varint(UInt64(bitPattern: value << 1 ^ value >> 63))
    }
}

package struct Fixed32Coding: ProtobufMapKey {
    package var wireType: WireType { .fixed32 }
    package var initial: UInt32 { 0 }
    package func read(_ reader: inout ProtobufReader, into value: inout UInt32) throws(ProtobufError) {
        value = try reader.fixed32()
    }
    package func write(_ value: UInt32, to writer: inout ProtobufWriter) { writer.fixed32(value) }
}

package struct Fixed64Coding: ProtobufMapKey {
    package var wireType: WireType { .fixed64 }
    package var initial: UInt64 { 0 }
    package func read(_ reader: inout ProtobufReader, into value: inout UInt64) throws(ProtobufError) {
        value = try reader.fixed64()
    }
    package func write(_ value: UInt64, to writer: inout ProtobufWriter) { writer.fixed64(value) }
}

package struct SFixed32Coding: ProtobufMapKey {
    package var wireType: WireType { .fixed32 }
    package var initial: Int32 { 0 }
    package func read(_ reader: inout ProtobufReader, into value: inout Int32) throws(ProtobufError) {
        value = try reader.sfixed32()
    }
    package func write(_ value: Int32, to writer: inout ProtobufWriter) { writer.fixed32(UInt32(bitPattern: value)) }
}

package struct SFixed64Coding: ProtobufMapKey {
    package var wireType: WireType { .fixed64 }
    package var initial: Int64 { 0 }
    package func read(_ reader: inout ProtobufReader, into value: inout Int64) throws(ProtobufError) {
        value = try reader.sfixed64()
    }
    package func write(_ value: Int64, to writer: inout ProtobufWriter) { writer.fixed64(UInt64(bitPattern: value)) }
}

package struct BoolCoding: ProtobufMapKey {
    package var wireType: WireType { .varint }
    package var initial: Bool { false }
    package func read(_ reader: inout ProtobufReader, into value: inout Bool) throws(ProtobufError) {
        value = try reader.bool()
    }
    package func write(_ value: Bool, to writer: inout ProtobufWriter) { writer.varint(value ? 1 : 0) }
    package static func precedes(_ left: Bool, _ right: Bool) -> Bool { !left && right }
}

package struct StringCoding: ProtobufMapKey {
    package var wireType: WireType { .lengthDelimited }
    package var initial: String { "" }
    package func read(_ reader: inout ProtobufReader, into value: inout String) throws(ProtobufError) {
        value = try reader.string()
    }
    package func write(_ value: String, to writer: inout ProtobufWriter) { writer.payload(value.utf8.span) }
    /// By bytes, as Google's implementations do, not as people sort.
    package static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}

package struct DataCoding: ProtobufCoding {
    package var wireType: WireType { .lengthDelimited }
    package var initial: [UInt8] { [] }
    package func read(_ reader: inout ProtobufReader, into value: inout [UInt8]) throws(ProtobufError) {
        value = try reader.data()
    }
    package func write(_ value: [UInt8], to writer: inout ProtobufWriter) { writer.payload(value.span) }
}

package struct EnumCoding<Value: ProtobufEnum>: ProtobufCoding {
    package var wireType: WireType { .varint }
    package var initial: Value { Value(rawValue: 0) }
    package func read(_ reader: inout ProtobufReader, into value: inout Value) throws(ProtobufError) {
        value = try reader.enumeration()
    }
    package func write(_ value: Value, to writer: inout ProtobufWriter) {
        writer.varint(UInt64(bitPattern: Int64(value.rawValue)))
    }
}

package struct MessageCoding<Value: ProtobufMessage>: ProtobufCoding {
    package var wireType: WireType { .lengthDelimited }
    package var initial: Value { Value() }
    package func read(_ reader: inout ProtobufReader, into value: inout Value) throws(ProtobufError) {
        try reader.message(into: &value)
    }
    package func write(_ value: Value, to writer: inout ProtobufWriter) {
        writer.withLength { writer in value.write(to: &writer) }
    }
}

// MARK: Short names

extension ProtobufCoding where Self == DoubleCoding { package static var double: DoubleCoding { DoubleCoding() } }
extension ProtobufCoding where Self == FloatCoding { package static var float: FloatCoding { FloatCoding() } }
extension ProtobufCoding where Self == Int32Coding { package static var int32: Int32Coding { Int32Coding() } }
extension ProtobufCoding where Self == Int64Coding { package static var int64: Int64Coding { Int64Coding() } }
extension ProtobufCoding where Self == UInt32Coding { package static var uint32: UInt32Coding { UInt32Coding() } }
extension ProtobufCoding where Self == UInt64Coding { package static var uint64: UInt64Coding { UInt64Coding() } }
extension ProtobufCoding where Self == SInt32Coding { package static var sint32: SInt32Coding { SInt32Coding() } }
extension ProtobufCoding where Self == SInt64Coding { package static var sint64: SInt64Coding { SInt64Coding() } }
extension ProtobufCoding where Self == Fixed32Coding { package static var fixed32: Fixed32Coding { Fixed32Coding() } }
extension ProtobufCoding where Self == Fixed64Coding { package static var fixed64: Fixed64Coding { Fixed64Coding() } }
extension ProtobufCoding where Self == SFixed32Coding {
    package static var sfixed32: SFixed32Coding { SFixed32Coding() }
}
extension ProtobufCoding where Self == SFixed64Coding {
    package static var sfixed64: SFixed64Coding { SFixed64Coding() }
}
extension ProtobufCoding where Self == BoolCoding { package static var bool: BoolCoding { BoolCoding() } }
extension ProtobufCoding where Self == StringCoding { package static var string: StringCoding { StringCoding() } }
extension ProtobufCoding where Self == DataCoding { package static var data: DataCoding { DataCoding() } }

extension ProtobufCoding {
    /// Which enum, the values say.
    package static func enumeration<Value>() -> EnumCoding<Value> where Self == EnumCoding<Value> { EnumCoding() }
    /// Which message, the values say.
    package static func message<Value>() -> MessageCoding<Value> where Self == MessageCoding<Value> { MessageCoding() }
}
