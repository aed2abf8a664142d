// Written by protoc-gen-sample from opentelemetry/proto/resource/v1/resource.proto: change that, then run `make proto`.

package import Protobuf

/// Who tells of the spans: service, host, process.
package struct Resource: ProtobufMessage {
    package var attributes: [KeyValue] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(attributes: [KeyValue] = []) {
        self.attributes = attributes
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: attributes.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.repeated(.message(), attributes, field: 1)
        writer.unknown(unknownFields)
    }
}
