package import Protobuf

/// `sample.service.StreamHelloRequest`.
package struct StreamHelloRequest: ProtobufMessage, Hashable {
    package var name = ""
    /// How many replies.
    package var count: UInt32 = 0
    /// Milliseconds between two replies.
    package var intervalMilliseconds: UInt32 = 0

    package init() {}

    package init(name: String, count: UInt32, intervalMilliseconds: UInt32) {
        self.name = name
        self.count = count
        self.intervalMilliseconds = intervalMilliseconds
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let field = try reader.nextField() {
            switch field.number {
            case 1: name = try reader.string(field)
            case 2: count = try reader.uint32(field)
            case 3: intervalMilliseconds = try reader.uint32(field)
            default: try reader.skip(field)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        writer.uint32(count, field: 2)
        writer.uint32(intervalMilliseconds, field: 3)
    }
}
