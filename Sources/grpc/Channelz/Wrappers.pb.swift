// Written by protoc-gen-sample from google/protobuf/wrappers.proto: change that, then run `make proto`.

package import Protobuf

/// Numbers that may be missing.
package struct ProtoInt64Value: ProtobufMessage {
    package var value: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(value: Int64 = 0) {
        self.value = value
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: value = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(value, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `google.protobuf.UInt32Value`.
package struct ProtoUInt32Value: ProtobufMessage {
    package var value: UInt32 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(value: UInt32 = 0) {
        self.value = value
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: value = try reader.uint32()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.uint32(value, field: 1)
        writer.unknown(unknownFields)
    }
}
