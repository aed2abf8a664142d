package import Protobuf

/// `sample.service.HelloReply`.
package struct HelloReply: ProtobufMessage, Hashable {
    /// `Hello <name>`.
    package var message = ""
    /// The pod that answered.
    package var hostname = ""
    /// The version of the service in that pod.
    package var version = ""

    package init() {}

    package init(message: String, hostname: String, version: String) {
        self.message = message
        self.hostname = hostname
        self.version = version
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let field = try reader.nextField() {
            switch field.number {
            case 1: message = try reader.string(field)
            case 2: hostname = try reader.string(field)
            case 3: version = try reader.string(field)
            default: try reader.skip(field)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(message, field: 1)
        writer.string(hostname, field: 2)
        writer.string(version, field: 3)
    }
}
