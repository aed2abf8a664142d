// Written by protoc-gen-sample from google/protobuf/duration.proto: change that, then run `make proto`.

package import Protobuf

/// `google.protobuf.Duration`.
package struct ProtoDuration: ProtobufMessage {
    package var seconds: Int64 = 0
    /// Of the same sign.
    package var nanos: Int32 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(seconds: Int64 = 0, nanos: Int32 = 0) {
        self.seconds = seconds
        self.nanos = nanos
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: seconds = try reader.int64()
            case 0x10: nanos = try reader.int32()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(seconds, field: 1)
        writer.int32(nanos, field: 2)
        writer.unknown(unknownFields)
    }
}
