// Written by protoc-gen-sample from opentelemetry/proto/common/v1/common.proto: change that, then run `make proto`.

package import Protobuf

/// `opentelemetry.proto.common.v1.AnyValue`.
package struct AnyValue: ProtobufMessage {
    package var value: Value?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(value: Value? = nil) {
        self.value = value
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: value = .stringValue(try reader.string())
            case 0x10: value = .boolValue(try reader.bool())
            case 0x18: value = .intValue(try reader.int64())
            case 0x21: value = .doubleValue(try reader.double())
            case 0x2a:
                var content = ArrayValue()
                if case .arrayValue(let old)? = value {
                    content = old
                    value = nil
                }
                try reader.message(into: &content)
                value = .arrayValue(content)
            case 0x32:
                var content = KeyValueList()
                if case .kvlistValue(let old)? = value {
                    content = old
                    value = nil
                }
                try reader.message(into: &content)
                value = .kvlistValue(content)
            case 0x3a: value = .bytesValue(try reader.data())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        if case .stringValue(let value)? = value { writer.value(.string, value, field: 1) }
        if case .boolValue(let value)? = value { writer.value(.bool, value, field: 2) }
        if case .intValue(let value)? = value { writer.value(.int64, value, field: 3) }
        if case .doubleValue(let value)? = value { writer.value(.double, value, field: 4) }
        if case .arrayValue(let value)? = value { writer.value(.message(), value, field: 5) }
        if case .kvlistValue(let value)? = value { writer.value(.message(), value, field: 6) }
        if case .bytesValue(let value)? = value { writer.value(.data, value, field: 7) }
        writer.unknown(unknownFields)
    }

    /// Which of them `value` is.
    package enum Value: Hashable, Sendable {
        case stringValue(String)
        case boolValue(Bool)
        case intValue(Int64)
        case doubleValue(Double)
        case arrayValue(ArrayValue)
        case kvlistValue(KeyValueList)
        case bytesValue([UInt8])
    }
}

/// `opentelemetry.proto.common.v1.ArrayValue`.
package struct ArrayValue: ProtobufMessage {
    package var values: [AnyValue] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(values: [AnyValue] = []) {
        self.values = values
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: values.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.repeated(.message(), values, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `opentelemetry.proto.common.v1.KeyValueList`.
package struct KeyValueList: ProtobufMessage {
    package var values: [KeyValue] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(values: [KeyValue] = []) {
        self.values = values
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: values.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.repeated(.message(), values, field: 1)
        writer.unknown(unknownFields)
    }
}

/// An attribute.
package struct KeyValue: ProtobufMessage {
    package var key = ""
    package var value: AnyValue?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(key: String = "", value: AnyValue? = nil) {
        self.key = key
        self.value = value
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: key = try reader.string()
            case 0x12: try reader.message(into: &value)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(key, field: 1)
        writer.message(value, field: 2)
        writer.unknown(unknownFields)
    }
}

/// The library that makes the spans.
package struct InstrumentationScope: ProtobufMessage {
    package var name = ""
    package var version = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(name: String = "", version: String = "") {
        self.name = name
        self.version = version
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: name = try reader.string()
            case 0x12: version = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        writer.string(version, field: 2)
        writer.unknown(unknownFields)
    }
}
