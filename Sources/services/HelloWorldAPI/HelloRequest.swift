package import Protobuf

/// `sample.service.HelloRequest`.
package struct HelloRequest: ProtobufMessage, Hashable {
    package var name = ""

    package init() {}

    package init(name: String) {
        self.name = name
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let field = try reader.nextField() {
            switch field.number {
            case 1: name = try reader.string(field)
            default: try reader.skip(field)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
    }
}
