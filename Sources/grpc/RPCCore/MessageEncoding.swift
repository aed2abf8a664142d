import Bytes
import Compression

/// How the messages of one direction of a call may be compressed (gRPC's compression.md): each message says by its flag
/// whether it is.
package enum MessageEncoding: String, Hashable, Sendable, CaseIterable {
    case identity
    case deflate
    case gzip

    /// For `grpc-accept-encoding`: what is understood here.
    package static let acceptHeader = "identity,deflate,gzip"

    /// The value of a `grpc-encoding`; nil for one that is not understood here.
    package init?(_ value: Span<UInt8>) {
        if value.equals("identity") {
            self = .identity
        } else if value.equals("gzip") {
            self = .gzip
        } else if value.equals("deflate") {
            self = .deflate
        } else {
            return nil
        }
    }

    /// gRPC's deflate is the one in zlib's wrapping, as HTTP's (RFC 9110 section 8.4.1.2). nil: as it is.
    var format: DeflateFormat? {
        switch self {
        case .identity: nil
        case .deflate: .zlib
        case .gzip: .gzip
        }
    }

    fileprivate var mask: MessageEncodings {
        switch self {
        case .identity: .identity
        case .deflate: .deflate
        case .gzip: .gzip
        }
    }
}

/// What a peer understands, from its `grpc-accept-encoding`.
package struct MessageEncodings: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let identity = MessageEncodings(rawValue: 1)
    package static let deflate = MessageEncodings(rawValue: 2)
    package static let gzip = MessageEncodings(rawValue: 4)
    package static let all: MessageEncodings = [.identity, .deflate, .gzip]

    package func contains(_ encoding: MessageEncoding) -> Bool { contains(encoding.mask) }
    package mutating func insert(_ encoding: MessageEncoding) { insert(encoding.mask) }

    /// What is unknown here is left out. In every call that grpcio, grpc-go or this channel makes, so that the values which
    /// these have are told apart by their length.
    package init(acceptHeader value: Span<UInt8>) {
        switch value.count {
        case 4 where value.equals("gzip"): self = [.identity, .gzip]
        case 21 where value.equals("identity,deflate,gzip"): self = .all
        case 23 where value.equals("identity, deflate, gzip"): self = .all
        default: self.init(list: value)
        }
    }

    /// Names between commas, with blanks around them. Identity is always understood.
    private init(list: Span<UInt8>) {
        var found: MessageEncodings = .identity
        var start = 0
        for index in 0...list.count where index == list.count || list[index] == UInt8(ascii: ",") {
            if let encoding = MessageEncoding(list.extracting(start..<index).trimmed) { found.insert(encoding) }
            start = index + 1
        }
        self = found
    }
}
