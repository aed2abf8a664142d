// Written by protoc-gen-sample from every_field.proto: change that, then run `make proto`.

package import Protobuf

/// `sample.test.Color`.
package enum Color: ProtobufEnum {
    case none
    case red
    case green
    case last
    case negative
    case unrecognized_
    /// A number that has no name here.
    case unrecognized(Int32)

    /// The same as red.
    package static var crimson: Self { .red }

    package init(rawValue: Int32) {
        self =
            switch rawValue {
            case 0: .none
            case 1: .red
            case 2: .green
            case 2147483647: .last
            case -1: .negative
            case 5: .unrecognized_
            default: .unrecognized(rawValue)
            }
    }

    package var rawValue: Int32 {
        switch self {
        case .none: 0
        case .red: 1
        case .green: 2
        case .last: 2147483647
        case .negative: -1
        case .unrecognized_: 5
        case .unrecognized(let number): number
        }
    }
}

/// `sample.test.EveryField`.
package struct EveryField: ProtobufMessage {
    package var doubleValue: Double = 0
    package var floatValue: Float = 0
    package var int32Value: Int32 = 0
    package var int64Value: Int64 = 0
    package var uint32Value: UInt32 = 0
    package var uint64Value: UInt64 = 0
    package var sint32Value: Int32 = 0
    package var sint64Value: Int64 = 0
    package var fixed32Value: UInt32 = 0
    package var fixed64Value: UInt64 = 0
    package var sfixed32Value: Int32 = 0
    package var sfixed64Value: Int64 = 0
    package var boolValue = false
    package var stringValue = ""
    package var bytesValue: [UInt8] = []
    package var enumValue: Color = .none
    package var messageValue: EveryField.Inner?
    package var optionalDouble: Double?
    package var optionalFloat: Float?
    package var optionalInt32: Int32?
    package var optionalInt64: Int64?
    package var optionalUint32: UInt32?
    package var optionalUint64: UInt64?
    package var optionalSint32: Int32?
    package var optionalSint64: Int64?
    package var optionalFixed32: UInt32?
    package var optionalFixed64: UInt64?
    package var optionalSfixed32: Int32?
    package var optionalSfixed64: Int64?
    package var optionalBool: Bool?
    package var optionalString: String?
    package var optionalBytes: [UInt8]?
    package var optionalEnum: Color?
    package var optionalMessage: EveryField.Inner?
    package var repeatedDouble: [Double] = []
    package var repeatedFloat: [Float] = []
    package var repeatedInt32: [Int32] = []
    package var repeatedInt64: [Int64] = []
    package var repeatedUint32: [UInt32] = []
    package var repeatedUint64: [UInt64] = []
    package var repeatedSint32: [Int32] = []
    package var repeatedSint64: [Int64] = []
    package var repeatedFixed32: [UInt32] = []
    package var repeatedFixed64: [UInt64] = []
    package var repeatedSfixed32: [Int32] = []
    package var repeatedSfixed64: [Int64] = []
    package var repeatedBool: [Bool] = []
    package var repeatedString: [String] = []
    package var repeatedBytes: [[UInt8]] = []
    package var repeatedEnum: [Color] = []
    package var repeatedMessage: [EveryField.Inner] = []
    package var unpackedInt32: [Int32] = []
    package var unpackedDouble: [Double] = []
    package var unpackedFloat: [Float] = []
    package var unpackedBool: [Bool] = []
    package var unpackedSint64: [Int64] = []
    package var unpackedEnum: [Color] = []
    package var stringToInt32: [String: Int32] = [:]
    package var int32ToString: [Int32: String] = [:]
    package var boolToBytes: [Bool: [UInt8]] = [:]
    package var uint64ToMessage: [UInt64: EveryField.Inner] = [:]
    package var sfixed32ToEnum: [Int32: Color] = [:]
    package var sint64ToSint32: [Int64: Int32] = [:]
    package var fixed64ToFloat: [UInt64: Float] = [:]
    package var stringToEveryField: [String: EveryField] = [:]
    /// One of these, in no order, and with a field of another kind between them.
    package var choice: Choice?
    package var between = ""
    @Indirect package var child: EveryField? = nil
    package var children: [EveryField] = []
    package var left: Left?
    package var empty: Empty?
    package var shade: EveryField.Palette.Shade = .dark
    package var other: EveryField.Other = .none
    /// Words that mean something in Swift, or in generated code.
    package var `default` = ""
    package var `in`: Int32 = 0
    package var self_: [Int32] = []
    package var reader = false
    package var writer: [UInt8] = []
    package var tag: UInt32 = 0
    package var value: String?
    package var init_: [String: String] = [:]
    package var unknownFields_: EveryField.Inner?
    package var hashValue_ = ""
    package var last = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        doubleValue: Double = 0, floatValue: Float = 0, int32Value: Int32 = 0, int64Value: Int64 = 0,
        uint32Value: UInt32 = 0, uint64Value: UInt64 = 0, sint32Value: Int32 = 0, sint64Value: Int64 = 0,
        fixed32Value: UInt32 = 0, fixed64Value: UInt64 = 0, sfixed32Value: Int32 = 0, sfixed64Value: Int64 = 0,
        boolValue: Bool = false, stringValue: String = "", bytesValue: [UInt8] = [], enumValue: Color = .none,
        messageValue: EveryField.Inner? = nil, optionalDouble: Double? = nil, optionalFloat: Float? = nil,
        optionalInt32: Int32? = nil, optionalInt64: Int64? = nil, optionalUint32: UInt32? = nil,
        optionalUint64: UInt64? = nil, optionalSint32: Int32? = nil, optionalSint64: Int64? = nil,
        optionalFixed32: UInt32? = nil, optionalFixed64: UInt64? = nil, optionalSfixed32: Int32? = nil,
        optionalSfixed64: Int64? = nil, optionalBool: Bool? = nil, optionalString: String? = nil,
        optionalBytes: [UInt8]? = nil, optionalEnum: Color? = nil, optionalMessage: EveryField.Inner? = nil,
        repeatedDouble: [Double] = [], repeatedFloat: [Float] = [], repeatedInt32: [Int32] = [],
        repeatedInt64: [Int64] = [], repeatedUint32: [UInt32] = [], repeatedUint64: [UInt64] = [],
        repeatedSint32: [Int32] = [], repeatedSint64: [Int64] = [], repeatedFixed32: [UInt32] = [],
        repeatedFixed64: [UInt64] = [], repeatedSfixed32: [Int32] = [], repeatedSfixed64: [Int64] = [],
        repeatedBool: [Bool] = [], repeatedString: [String] = [], repeatedBytes: [[UInt8]] = [],
        repeatedEnum: [Color] = [], repeatedMessage: [EveryField.Inner] = [], unpackedInt32: [Int32] = [],
        unpackedDouble: [Double] = [], unpackedFloat: [Float] = [], unpackedBool: [Bool] = [],
        unpackedSint64: [Int64] = [], unpackedEnum: [Color] = [], stringToInt32: [String: Int32] = [:],
        int32ToString: [Int32: String] = [:], boolToBytes: [Bool: [UInt8]] = [:],
        uint64ToMessage: [UInt64: EveryField.Inner] = [:], sfixed32ToEnum: [Int32: Color] = [:],
        sint64ToSint32: [Int64: Int32] = [:], fixed64ToFloat: [UInt64: Float] = [:],
        stringToEveryField: [String: EveryField] = [:], choice: Choice? = nil, between: String = "",
        child: EveryField? = nil, children: [EveryField] = [], left: Left? = nil, empty: Empty? = nil,
        shade: EveryField.Palette.Shade = .dark, other: EveryField.Other = .none, `default`: String = "",
        `in`: Int32 = 0, self_: [Int32] = [], reader: Bool = false, writer: [UInt8] = [], tag: UInt32 = 0,
        value: String? = nil, init_: [String: String] = [:], unknownFields_: EveryField.Inner? = nil,
        hashValue_: String = "", last: String = ""
    ) {
        self.doubleValue = doubleValue
        self.floatValue = floatValue
        self.int32Value = int32Value
        self.int64Value = int64Value
        self.uint32Value = uint32Value
        self.uint64Value = uint64Value
        self.sint32Value = sint32Value
        self.sint64Value = sint64Value
        self.fixed32Value = fixed32Value
        self.fixed64Value = fixed64Value
        self.sfixed32Value = sfixed32Value
        self.sfixed64Value = sfixed64Value
        self.boolValue = boolValue
        self.stringValue = stringValue
        self.bytesValue = bytesValue
        self.enumValue = enumValue
        self.messageValue = messageValue
        self.optionalDouble = optionalDouble
        self.optionalFloat = optionalFloat
        self.optionalInt32 = optionalInt32
        self.optionalInt64 = optionalInt64
        self.optionalUint32 = optionalUint32
        self.optionalUint64 = optionalUint64
        self.optionalSint32 = optionalSint32
        self.optionalSint64 = optionalSint64
        self.optionalFixed32 = optionalFixed32
        self.optionalFixed64 = optionalFixed64
        self.optionalSfixed32 = optionalSfixed32
        self.optionalSfixed64 = optionalSfixed64
        self.optionalBool = optionalBool
        self.optionalString = optionalString
        self.optionalBytes = optionalBytes
        self.optionalEnum = optionalEnum
        self.optionalMessage = optionalMessage
        self.repeatedDouble = repeatedDouble
        self.repeatedFloat = repeatedFloat
        self.repeatedInt32 = repeatedInt32
        self.repeatedInt64 = repeatedInt64
        self.repeatedUint32 = repeatedUint32
        self.repeatedUint64 = repeatedUint64
        self.repeatedSint32 = repeatedSint32
        self.repeatedSint64 = repeatedSint64
        self.repeatedFixed32 = repeatedFixed32
        self.repeatedFixed64 = repeatedFixed64
        self.repeatedSfixed32 = repeatedSfixed32
        self.repeatedSfixed64 = repeatedSfixed64
        self.repeatedBool = repeatedBool
        self.repeatedString = repeatedString
        self.repeatedBytes = repeatedBytes
        self.repeatedEnum = repeatedEnum
        self.repeatedMessage = repeatedMessage
        self.unpackedInt32 = unpackedInt32
        self.unpackedDouble = unpackedDouble
        self.unpackedFloat = unpackedFloat
        self.unpackedBool = unpackedBool
        self.unpackedSint64 = unpackedSint64
        self.unpackedEnum = unpackedEnum
        self.stringToInt32 = stringToInt32
        self.int32ToString = int32ToString
        self.boolToBytes = boolToBytes
        self.uint64ToMessage = uint64ToMessage
        self.sfixed32ToEnum = sfixed32ToEnum
        self.sint64ToSint32 = sint64ToSint32
        self.fixed64ToFloat = fixed64ToFloat
        self.stringToEveryField = stringToEveryField
        self.choice = choice
        self.between = between
        self.child = child
        self.children = children
        self.left = left
        self.empty = empty
        self.shade = shade
        self.other = other
        self.`default` = `default`
        self.`in` = `in`
        self.self_ = self_
        self.reader = reader
        self.writer = writer
        self.tag = tag
        self.value = value
        self.init_ = init_
        self.unknownFields_ = unknownFields_
        self.hashValue_ = hashValue_
        self.last = last
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x09: doubleValue = try reader.double()
            case 0x15: floatValue = try reader.float()
            case 0x18: int32Value = try reader.int32()
            case 0x20: int64Value = try reader.int64()
            case 0x28: uint32Value = try reader.uint32()
            case 0x30: uint64Value = try reader.uint64()
            case 0x38: sint32Value = try reader.sint32()
            case 0x40: sint64Value = try reader.sint64()
            case 0x4d: fixed32Value = try reader.fixed32()
            case 0x51: fixed64Value = try reader.fixed64()
            case 0x5d: sfixed32Value = try reader.sfixed32()
            case 0x61: sfixed64Value = try reader.sfixed64()
            case 0x68: boolValue = try reader.bool()
            case 0x72: stringValue = try reader.string()
            case 0x7a: bytesValue = try reader.data()
            case 0x80: enumValue = try reader.enumeration()
            case 0x8a: try reader.message(into: &messageValue)
            case 0xa9: optionalDouble = try reader.double()
            case 0xb5: optionalFloat = try reader.float()
            case 0xb8: optionalInt32 = try reader.int32()
            case 0xc0: optionalInt64 = try reader.int64()
            case 0xc8: optionalUint32 = try reader.uint32()
            case 0xd0: optionalUint64 = try reader.uint64()
            case 0xd8: optionalSint32 = try reader.sint32()
            case 0xe0: optionalSint64 = try reader.sint64()
            case 0xed: optionalFixed32 = try reader.fixed32()
            case 0xf1: optionalFixed64 = try reader.fixed64()
            case 0xfd: optionalSfixed32 = try reader.sfixed32()
            case 0x101: optionalSfixed64 = try reader.sfixed64()
            case 0x108: optionalBool = try reader.bool()
            case 0x112: optionalString = try reader.string()
            case 0x11a: optionalBytes = try reader.data()
            case 0x120: optionalEnum = try reader.enumeration()
            case 0x12a: try reader.message(into: &optionalMessage)
            case 0x149: repeatedDouble.append(try reader.double())
            case 0x14a: try reader.packed(.double, into: &repeatedDouble)
            case 0x155: repeatedFloat.append(try reader.float())
            case 0x152: try reader.packed(.float, into: &repeatedFloat)
            case 0x158: repeatedInt32.append(try reader.int32())
            case 0x15a: try reader.packed(.int32, into: &repeatedInt32)
            case 0x160: repeatedInt64.append(try reader.int64())
            case 0x162: try reader.packed(.int64, into: &repeatedInt64)
            case 0x168: repeatedUint32.append(try reader.uint32())
            case 0x16a: try reader.packed(.uint32, into: &repeatedUint32)
            case 0x170: repeatedUint64.append(try reader.uint64())
            case 0x172: try reader.packed(.uint64, into: &repeatedUint64)
            case 0x178: repeatedSint32.append(try reader.sint32())
            case 0x17a: try reader.packed(.sint32, into: &repeatedSint32)
            case 0x180: repeatedSint64.append(try reader.sint64())
            case 0x182: try reader.packed(.sint64, into: &repeatedSint64)
            case 0x18d: repeatedFixed32.append(try reader.fixed32())
            case 0x18a: try reader.packed(.fixed32, into: &repeatedFixed32)
            case 0x191: repeatedFixed64.append(try reader.fixed64())
            case 0x192: try reader.packed(.fixed64, into: &repeatedFixed64)
            case 0x19d: repeatedSfixed32.append(try reader.sfixed32())
            case 0x19a: try reader.packed(.sfixed32, into: &repeatedSfixed32)
            case 0x1a1: repeatedSfixed64.append(try reader.sfixed64())
            case 0x1a2: try reader.packed(.sfixed64, into: &repeatedSfixed64)
            case 0x1a8: repeatedBool.append(try reader.bool())
            case 0x1aa: try reader.packed(.bool, into: &repeatedBool)
            case 0x1b2: repeatedString.append(try reader.string())
            case 0x1ba: repeatedBytes.append(try reader.data())
            case 0x1c0: repeatedEnum.append(try reader.enumeration())
            case 0x1c2: try reader.packed(.enumeration(), into: &repeatedEnum)
            case 0x1ca: repeatedMessage.append(try reader.message())
            case 0x1e8: unpackedInt32.append(try reader.int32())
            case 0x1ea: try reader.packed(.int32, into: &unpackedInt32)
            case 0x1f1: unpackedDouble.append(try reader.double())
            case 0x1f2: try reader.packed(.double, into: &unpackedDouble)
            case 0x1fd: unpackedFloat.append(try reader.float())
            case 0x1fa: try reader.packed(.float, into: &unpackedFloat)
            case 0x200: unpackedBool.append(try reader.bool())
            case 0x202: try reader.packed(.bool, into: &unpackedBool)
            case 0x208: unpackedSint64.append(try reader.sint64())
            case 0x20a: try reader.packed(.sint64, into: &unpackedSint64)
            case 0x210: unpackedEnum.append(try reader.enumeration())
            case 0x212: try reader.packed(.enumeration(), into: &unpackedEnum)
            case 0x23a: try reader.entry(.string, .int32, into: &stringToInt32)
            case 0x242: try reader.entry(.int32, .string, into: &int32ToString)
            case 0x24a: try reader.entry(.bool, .data, into: &boolToBytes)
            case 0x252: try reader.entry(.uint64, .message(), into: &uint64ToMessage)
            case 0x25a: try reader.entry(.sfixed32, .enumeration(), into: &sfixed32ToEnum)
            case 0x262: try reader.entry(.sint64, .sint32, into: &sint64ToSint32)
            case 0x26a: try reader.entry(.fixed64, .float, into: &fixed64ToFloat)
            case 0x272: try reader.entry(.string, .message(), into: &stringToEveryField)
            case 0x2e8: choice = .chosenUint32(try reader.uint32())
            case 0x2da: choice = .chosenString(try reader.string())
            case 0x2fa:
                var content = EveryField.Inner()
                if case .chosenMessage(let old)? = choice {
                    content = old
                    choice = nil
                }
                try reader.message(into: &content)
                choice = .chosenMessage(content)
            case 0x30a:
                var content = EveryField()
                if case .chosenEveryField(let old)? = choice {
                    content = old
                    choice = nil
                }
                try reader.message(into: &content)
                choice = .chosenEveryField(content)
            case 0x2f0: choice = .chosenEnum(try reader.enumeration())
            case 0x302: choice = .chosenBytes(try reader.data())
            case 0x319: choice = .chosenDouble(try reader.double())
            case 0x2e2: between = try reader.string()
            case 0x32a: try reader.message(into: &child)
            case 0x332: children.append(try reader.message())
            case 0x33a: try reader.message(into: &left)
            case 0x342: try reader.message(into: &empty)
            case 0x348: shade = try reader.enumeration()
            case 0x350: other = try reader.enumeration()
            case 0x64a: `default` = try reader.string()
            case 0x650: `in` = try reader.int32()
            case 0x658: self_.append(try reader.int32())
            case 0x65a: try reader.packed(.int32, into: &self_)
            case 0x660: self.reader = try reader.bool()
            case 0x66a: self.writer = try reader.data()
            case 0x670: self.tag = try reader.uint32()
            case 0x67a: value = try reader.string()
            case 0x682: try reader.entry(.string, .string, into: &init_)
            case 0x68a: try reader.message(into: &unknownFields_)
            case 0x692: hashValue_ = try reader.string()
            case 0xfffffffa: last = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.double(doubleValue, field: 1)
        writer.float(floatValue, field: 2)
        writer.int32(int32Value, field: 3)
        writer.int64(int64Value, field: 4)
        writer.uint32(uint32Value, field: 5)
        writer.uint64(uint64Value, field: 6)
        writer.sint32(sint32Value, field: 7)
        writer.sint64(sint64Value, field: 8)
        writer.fixed32(fixed32Value, field: 9)
        writer.fixed64(fixed64Value, field: 10)
        writer.sfixed32(sfixed32Value, field: 11)
        writer.sfixed64(sfixed64Value, field: 12)
        writer.bool(boolValue, field: 13)
        writer.string(stringValue, field: 14)
        writer.data(bytesValue, field: 15)
        writer.enumeration(enumValue, field: 16)
        writer.message(messageValue, field: 17)
        if let optionalDouble { writer.value(.double, optionalDouble, field: 21) }
        if let optionalFloat { writer.value(.float, optionalFloat, field: 22) }
        if let optionalInt32 { writer.value(.int32, optionalInt32, field: 23) }
        if let optionalInt64 { writer.value(.int64, optionalInt64, field: 24) }
        if let optionalUint32 { writer.value(.uint32, optionalUint32, field: 25) }
        if let optionalUint64 { writer.value(.uint64, optionalUint64, field: 26) }
        if let optionalSint32 { writer.value(.sint32, optionalSint32, field: 27) }
        if let optionalSint64 { writer.value(.sint64, optionalSint64, field: 28) }
        if let optionalFixed32 { writer.value(.fixed32, optionalFixed32, field: 29) }
        if let optionalFixed64 { writer.value(.fixed64, optionalFixed64, field: 30) }
        if let optionalSfixed32 { writer.value(.sfixed32, optionalSfixed32, field: 31) }
        if let optionalSfixed64 { writer.value(.sfixed64, optionalSfixed64, field: 32) }
        if let optionalBool { writer.value(.bool, optionalBool, field: 33) }
        if let optionalString { writer.value(.string, optionalString, field: 34) }
        if let optionalBytes { writer.value(.data, optionalBytes, field: 35) }
        if let optionalEnum { writer.value(.enumeration(), optionalEnum, field: 36) }
        writer.message(optionalMessage, field: 37)
        writer.packed(.double, repeatedDouble, field: 41)
        writer.packed(.float, repeatedFloat, field: 42)
        writer.packed(.int32, repeatedInt32, field: 43)
        writer.packed(.int64, repeatedInt64, field: 44)
        writer.packed(.uint32, repeatedUint32, field: 45)
        writer.packed(.uint64, repeatedUint64, field: 46)
        writer.packed(.sint32, repeatedSint32, field: 47)
        writer.packed(.sint64, repeatedSint64, field: 48)
        writer.packed(.fixed32, repeatedFixed32, field: 49)
        writer.packed(.fixed64, repeatedFixed64, field: 50)
        writer.packed(.sfixed32, repeatedSfixed32, field: 51)
        writer.packed(.sfixed64, repeatedSfixed64, field: 52)
        writer.packed(.bool, repeatedBool, field: 53)
        writer.repeated(.string, repeatedString, field: 54)
        writer.repeated(.data, repeatedBytes, field: 55)
        writer.packed(.enumeration(), repeatedEnum, field: 56)
        writer.repeated(.message(), repeatedMessage, field: 57)
        writer.repeated(.int32, unpackedInt32, field: 61)
        writer.repeated(.double, unpackedDouble, field: 62)
        writer.repeated(.float, unpackedFloat, field: 63)
        writer.repeated(.bool, unpackedBool, field: 64)
        writer.repeated(.sint64, unpackedSint64, field: 65)
        writer.repeated(.enumeration(), unpackedEnum, field: 66)
        writer.map(.string, .int32, stringToInt32, field: 71)
        writer.map(.int32, .string, int32ToString, field: 72)
        writer.map(.bool, .data, boolToBytes, field: 73)
        writer.map(.uint64, .message(), uint64ToMessage, field: 74)
        writer.map(.sfixed32, .enumeration(), sfixed32ToEnum, field: 75)
        writer.map(.sint64, .sint32, sint64ToSint32, field: 76)
        writer.map(.fixed64, .float, fixed64ToFloat, field: 77)
        writer.map(.string, .message(), stringToEveryField, field: 78)
        if case .chosenString(let value)? = choice { writer.value(.string, value, field: 91) }
        writer.string(between, field: 92)
        if case .chosenUint32(let value)? = choice { writer.value(.uint32, value, field: 93) }
        if case .chosenEnum(let value)? = choice { writer.value(.enumeration(), value, field: 94) }
        if case .chosenMessage(let value)? = choice { writer.value(.message(), value, field: 95) }
        if case .chosenBytes(let value)? = choice { writer.value(.data, value, field: 96) }
        if case .chosenEveryField(let value)? = choice { writer.value(.message(), value, field: 97) }
        if case .chosenDouble(let value)? = choice { writer.value(.double, value, field: 99) }
        writer.message(child, field: 101)
        writer.repeated(.message(), children, field: 102)
        writer.message(left, field: 103)
        writer.message(empty, field: 104)
        writer.enumeration(shade, field: 105)
        writer.enumeration(other, field: 106)
        writer.string(`default`, field: 201)
        writer.int32(`in`, field: 202)
        writer.packed(.int32, self_, field: 203)
        writer.bool(self.reader, field: 204)
        writer.data(self.writer, field: 205)
        writer.uint32(self.tag, field: 206)
        if let value { writer.value(.string, value, field: 207) }
        writer.map(.string, .string, init_, field: 208)
        writer.message(unknownFields_, field: 209)
        writer.string(hashValue_, field: 210)
        writer.string(last, field: 536870911)
        writer.unknown(unknownFields)
    }

    /// Which of them `choice` is.
    package enum Choice: Hashable, Sendable {
        case chosenUint32(UInt32)
        case chosenString(String)
        case chosenMessage(EveryField.Inner)
        /// A message inside its own kind.
        indirect case chosenEveryField(EveryField)
        case chosenEnum(Color)
        case chosenBytes([UInt8])
        case chosenDouble(Double)
    }

    /// `OTHER_` is in front of no name.
    package enum Other: ProtobufEnum {
        case none
        case `extension`
        /// A number that has no name here.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            self =
                switch rawValue {
                case 0: .none
                case 1: .`extension`
                default: .unrecognized(rawValue)
                }
        }

        package var rawValue: Int32 {
            switch self {
            case .none: 0
            case .`extension`: 1
            case .unrecognized(let number): number
            }
        }
    }

    /// `sample.test.EveryField.Inner`.
    package struct Inner: ProtobufMessage {
        package var number: Int32 = 0
        package var text = ""
        /// The innermost: a type whose name Swift keeps to itself.
        package var type: EveryField.Inner.TypeEnum = .unknown
        package var unknownFields: [UInt8] = []

        package init() {}

        package init(number: Int32 = 0, text: String = "", type: EveryField.Inner.TypeEnum = .unknown) {
            self.number = number
            self.text = text
            self.type = type
        }

        package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 0x08: number = try reader.int32()
                case 0x12: text = try reader.string()
                case 0x18: type = try reader.enumeration()
                default: try reader.keep(in: &unknownFields)
                }
            }
        }

        package func write(to writer: inout ProtobufWriter) {
            writer.int32(number, field: 1)
            writer.string(text, field: 2)
            writer.enumeration(type, field: 3)
            writer.unknown(unknownFields)
        }

        /// `sample.test.EveryField.Inner.Type`.
        package enum TypeEnum: ProtobufEnum {
            case unknown
            case known
            /// A number that has no name here.
            case unrecognized(Int32)

            package init(rawValue: Int32) {
                self =
                    switch rawValue {
                    case 0: .unknown
                    case 1: .known
                    default: .unrecognized(rawValue)
                    }
            }

            package var rawValue: Int32 {
                switch self {
                case .unknown: 0
                case .known: 1
                case .unrecognized(let number): number
                }
            }
        }
    }

    /// `sample.test.EveryField.Palette`.
    package struct Palette: ProtobufMessage {
        package var unknownFields: [UInt8] = []

        package init() {}

        package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
            while try reader.nextTag() != nil { try reader.keep(in: &unknownFields) }
        }

        package func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
        }

        /// `sample.test.EveryField.Palette.Shade`.
        package enum Shade: ProtobufEnum {
            case dark
            case light
            /// A number that has no name here.
            case unrecognized(Int32)

            package init(rawValue: Int32) {
                self =
                    switch rawValue {
                    case 0: .dark
                    case 1: .light
                    default: .unrecognized(rawValue)
                    }
            }

            package var rawValue: Int32 {
                switch self {
                case .dark: 0
                case .light: 1
                case .unrecognized(let number): number
                }
            }
        }
    }
}

/// Two messages that are inside each other.
package struct Left: ProtobufMessage {
    @Indirect package var right: Right? = nil
    package var name = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(right: Right? = nil, name: String = "") {
        self.right = right
        self.name = name
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &right)
            case 0x12: name = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(right, field: 1)
        writer.string(name, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `sample.test.Right`.
package struct Right: ProtobufMessage {
    @Indirect package var left: Left? = nil
    package var more: [Left] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(left: Left? = nil, more: [Left] = []) {
        self.left = left
        self.more = more
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &left)
            case 0x12: more.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(left, field: 1)
        writer.repeated(.message(), more, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `sample.test.Empty`.
package struct Empty: ProtobufMessage {
    package var unknownFields: [UInt8] = []

    package init() {}

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while try reader.nextTag() != nil { try reader.keep(in: &unknownFields) }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
    }
}
