/// A message that can be read and written. Unknown fields are skipped on reading.
package protocol ProtobufMessage: Sendable {
    /// All fields at their defaults.
    init()
    /// Reads every field; a later value replaces an earlier one.
    mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError)
    func write(to writer: inout ProtobufWriter)
}

extension ProtobufMessage {
    package init(decoding bytes: [UInt8]) throws(ProtobufError) {
        self.init()
        var reader = ProtobufReader(bytes)
        try merge(&reader)
    }

    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    package func append(to bytes: inout [UInt8]) {
        // Moved through the writer, so that the buffer is not copied.
        var buffer: [UInt8] = []
        swap(&buffer, &bytes)
        var writer = ProtobufWriter(appendingTo: buffer)
        write(to: &writer)
        bytes = writer.finish()
    }
}
