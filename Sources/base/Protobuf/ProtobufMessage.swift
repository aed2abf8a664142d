// What a call goes through is inlinable, so that it is compiled for the message at hand, not for any.

/// A message that can be read and written; `make proto` writes conforming types from the files in `protos`.
@usableFromInline
package protocol ProtobufMessage: Hashable, Sendable {
    /// All fields at their defaults.
    init()

    /// Fields that this version of the message does not know, or that came with another wire type than theirs, as they
    /// came; they are written behind the known ones.
    var unknownFields: [UInt8] { get set }

    /// Reads every field into what is there: a later value replaces an earlier one, a message inside is merged, and what is
    /// repeated is appended.
    mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError)
    /// Appends every field that is not at its default, by number; entries of a map by key. Equal messages give equal bytes.
    func write(to writer: inout ProtobufWriter)
}

extension ProtobufMessage {
    @inlinable
    package init(decoding bytes: [UInt8]) throws(ProtobufError) {
        self.init()
        var reader = try ProtobufReader(bytes.span)
        try merge(&reader)
    }

    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    @inlinable
    package func append(to bytes: inout [UInt8]) {
        // Moved through the writer, so that the buffer is not copied.
        var writer = ProtobufWriter(appendingTo: consume bytes)
        write(to: &writer)
        bytes = writer.finish()
    }
}

/// An enum of a proto3 file. It is open: a number that has no name here is kept, as `unrecognized`.
package protocol ProtobufEnum: Hashable, Sendable {
    init(rawValue: Int32)
    var rawValue: Int32 { get }
}

/// A message inside a message of its own type, or of one that has such a message inside: a value cannot hold itself, so
/// it is held by reference.
@propertyWrapper
package struct Indirect<Message: ProtobufMessage>: Hashable, Sendable {
    /// Empty, or the one message.
    private var storage: [Message] = []

    package init(wrappedValue: Message?) {
        self.wrappedValue = wrappedValue
    }

    package var wrappedValue: Message? {
        get { storage.first }
        set { storage = newValue.map { [$0] } ?? [] }
        // Without it, who changes the message changes a copy: 4 MiB of a field that is there again and again took 15 s.
        _modify {
            var value = storage.popLast()
            defer { if let value { storage.append(value) } }
            yield &value
        }
    }
}
