// Written by protoc-gen-sample from google/protobuf/any.proto: change that, then run `make proto`.

package import Protobuf

/// `google.protobuf.Any`.
package struct ProtoAnyMessage: ProtobufMessage {
    /// What `value` is: type.googleapis.com/<full name of the message>.
    package var typeUrl = ""
    package var value: [UInt8] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(typeUrl: String = "", value: [UInt8] = []) {
        self.typeUrl = typeUrl
        self.value = value
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: typeUrl = try reader.string()
            case 0x12: value = try reader.data()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(typeUrl, field: 1)
        writer.data(value, field: 2)
        writer.unknown(unknownFields)
    }
}
