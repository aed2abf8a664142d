/// Values of each scalar type, behind their tag. What is longer than its type is cut, as the specification asks.
extension ProtobufReader {
    package mutating func double() throws(ProtobufError) -> Double { Double(bitPattern: try fixed64()) }
    package mutating func float() throws(ProtobufError) -> Float { Float(bitPattern: try fixed32()) }
    package mutating func int32() throws(ProtobufError) -> Int32 { Int32(truncatingIfNeeded: try varint()) }
    package mutating func int64() throws(ProtobufError) -> Int64 { Int64(bitPattern: try varint()) }
    package mutating func uint32() throws(ProtobufError) -> UInt32 { UInt32(truncatingIfNeeded: try varint()) }
    package mutating func uint64() throws(ProtobufError) -> UInt64 { try varint() }
    package mutating func sfixed32() throws(ProtobufError) -> Int32 { Int32(bitPattern: try fixed32()) }
    package mutating func sfixed64() throws(ProtobufError) -> Int64 { Int64(bitPattern: try fixed64()) }
    package mutating func bool() throws(ProtobufError) -> Bool { try varint() != 0 }

    /// Zigzag: 0, -1, 1, -2, 2, …
    package mutating func sint32() throws(ProtobufError) -> Int32 {
        let value = try uint32()
        return Int32(bitPattern: value >> 1) ^ -Int32(value & 1)
    }

    package mutating func sint64() throws(ProtobufError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(value & 1)
    }

    package mutating func enumeration<Enum: ProtobufEnum>() throws(ProtobufError) -> Enum {
        Enum(rawValue: try int32())
    }
}
