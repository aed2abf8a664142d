/// Bytes that are not a valid message (protobuf.dev, "Encoding").
package enum ProtobufError: Error, Hashable, Sendable, CustomStringConvertible {
    case truncated(field: UInt32?)
    case varintTooLong
    case invalidFieldNumber
    case invalidWireType(UInt8)
    case unexpectedWireType(field: UInt32, WireType, expected: WireType)
    case invalidUTF8(field: UInt32)
    case unbalancedGroup
    case nestedTooDeep

    package var description: String {
        switch self {
        case .truncated(let field?): "the message ends in the middle of field \(field)"
        case .truncated(nil): "the message ends in the middle of a field's tag"
        case .varintTooLong: "a varint is longer than ten bytes"
        case .invalidFieldNumber: "a field number is 0 or over 2^29 - 1"
        case .invalidWireType(let type): "wire type \(type) does not exist"
        case .unexpectedWireType(let field, let type, let expected):
            "field \(field) has wire type \(type), expected \(expected)"
        case .invalidUTF8(let field): "field \(field) is a string but not valid UTF-8"
        case .unbalancedGroup: "a group ends that did not begin, or begins and does not end"
        case .nestedTooDeep: "groups are nested more than \(ProtobufReader.maxDepth) deep"
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
}
