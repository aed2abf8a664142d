// Written by protoc-gen-sample from sample/service/hello_world.proto: change that, then run `make proto`.

package import Protobuf

/// `sample.service.HelloRequest`.
package struct HelloRequest: ProtobufMessage {
    /// Empty means `World`.
    package var name = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(name: String = "") {
        self.name = name
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: name = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `sample.service.StreamHelloRequest`.
package struct StreamHelloRequest: ProtobufMessage {
    package var name = ""
    package var count: UInt32 = 0
    package var intervalMs: UInt32 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(name: String = "", count: UInt32 = 0, intervalMs: UInt32 = 0) {
        self.name = name
        self.count = count
        self.intervalMs = intervalMs
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: name = try reader.string()
            case 0x10: count = try reader.uint32()
            case 0x18: intervalMs = try reader.uint32()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        writer.uint32(count, field: 2)
        writer.uint32(intervalMs, field: 3)
        writer.unknown(unknownFields)
    }
}

/// `sample.service.HelloReply`.
package struct HelloReply: ProtobufMessage {
    /// `Hello <name>`
    package var message = ""
    /// The name of the pod that answered.
    package var hostname = ""
    /// The version of the service that answered.
    package var version = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(message: String = "", hostname: String = "", version: String = "") {
        self.message = message
        self.hostname = hostname
        self.version = version
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: message = try reader.string()
            case 0x12: hostname = try reader.string()
            case 0x1a: version = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(message, field: 1)
        writer.string(hostname, field: 2)
        writer.string(version, field: 3)
        writer.unknown(unknownFields)
    }
}
