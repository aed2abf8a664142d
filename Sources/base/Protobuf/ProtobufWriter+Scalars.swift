/// Fields of each scalar type; left out where the value is the default.
extension ProtobufWriter {
    // Minus zero is not the default.
    package mutating func double(_ value: Double, field: UInt32) {
        if value.bitPattern != 0 { self.value(.double, value, field: field) }
    }

    package mutating func float(_ value: Float, field: UInt32) {
        if value.bitPattern != 0 { self.value(.float, value, field: field) }
    }

    package mutating func int32(_ value: Int32, field: UInt32) {
        if value != 0 { self.value(.int32, value, field: field) }
    }

    package mutating func int64(_ value: Int64, field: UInt32) {
        if value != 0 { self.value(.int64, value, field: field) }
    }

    package mutating func uint32(_ value: UInt32, field: UInt32) {
        if value != 0 { self.value(.uint32, value, field: field) }
    }

    package mutating func uint64(_ value: UInt64, field: UInt32) {
        if value != 0 { self.value(.uint64, value, field: field) }
    }

    package mutating func sint32(_ value: Int32, field: UInt32) {
        if value != 0 { self.value(.sint32, value, field: field) }
    }

    package mutating func sint64(_ value: Int64, field: UInt32) {
        if value != 0 { self.value(.sint64, value, field: field) }
    }

    package mutating func fixed32(_ value: UInt32, field: UInt32) {
        if value != 0 { self.value(.fixed32, value, field: field) }
    }

    package mutating func fixed64(_ value: UInt64, field: UInt32) {
        if value != 0 { self.value(.fixed64, value, field: field) }
    }

    package mutating func sfixed32(_ value: Int32, field: UInt32) {
        if value != 0 { self.value(.sfixed32, value, field: field) }
    }

    package mutating func sfixed64(_ value: Int64, field: UInt32) {
        if value != 0 { self.value(.sfixed64, value, field: field) }
    }

    package mutating func bool(_ value: Bool, field: UInt32) {
        if value { self.value(.bool, value, field: field) }
    }

    package mutating func enumeration<Enum: ProtobufEnum>(_ value: Enum, field: UInt32) {
        int32(value.rawValue, field: field)
    }
}
