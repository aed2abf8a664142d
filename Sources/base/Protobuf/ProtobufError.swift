/// Bytes that are not a valid message (protobuf.dev, "Encoding"): what is wrong, in which field, and where.
@usableFromInline
package struct ProtobufError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        case truncated
        case truncatedTag
        case varintTooLong
        case invalidFieldNumber
        case invalidWireType(UInt8)
        case invalidUTF8
        case unbalancedGroup
        case nestedTooDeep
        case tooLong
    }

    package let reason: Reason
    /// The numbers of the fields that lead there, the outermost first; empty where not even a tag can be read.
    package private(set) var fields: [UInt32]
    /// Where the innermost field begins, in bytes from the beginning of the outermost message.
    package let offset: Int

    package init(_ reason: Reason, fields: [UInt32], offset: Int) {
        self.reason = reason
        self.fields = fields
        self.offset = offset
    }

    /// The same, seen from the message around.
    func inside(_ field: UInt32) -> ProtobufError {
        var outer = self
        outer.fields.insert(field, at: 0)
        return outer
    }

    @usableFromInline
    package var description: String {
        let path = fields.map(String.init).joined(separator: ".")
        let place = (fields.isEmpty ? "" : "field \(path) ") + "at byte \(offset)"
        return switch reason {
        case .truncated: "\(place): the message ends in the middle of it"
        case .truncatedTag: "\(place): the message ends in the middle of a field's tag"
        case .varintTooLong: "\(place): a varint is longer than it may be"
        case .invalidFieldNumber: "\(place): a field number is 0 or over 2^29 - 1"
        case .invalidWireType(let type): "\(place): wire type \(type) does not exist"
        case .invalidUTF8: "\(place): a string is not valid UTF-8"
        case .unbalancedGroup: "\(place): a group ends that did not begin, or begins and does not end"
        case .nestedTooDeep: "\(place): messages or groups are nested more than \(ProtobufReader.maxDepth) deep"
        case .tooLong: "\(place): longer than \(ProtobufReader.maxBytes) bytes"
        }
    }
}

/// How a field's value is laid out.
package enum WireType: UInt8, Hashable, Sendable {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case startGroup = 3
    case endGroup = 4
    case fixed32 = 5

    /// What stands before a field of this type.
    package func tag(_ field: UInt32) -> UInt32 { field << 3 | UInt32(rawValue) }
}
