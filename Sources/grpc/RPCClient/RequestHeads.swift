import Bytes
import HTTP2
import LoadBalancing
import RPCCore

/// What goes before the requests of one channel. Most of it is the same for every call of a method, and is made once; what
/// a call has of its own is put behind it and taken away again, so that nothing is copied.
struct RequestHeads {
    private struct Head {
        let path: String
        let scheme: String
        var block: HeaderBlock
    }

    private let authority: String
    private let userAgent: String
    /// Calls come in runs for the same method, and its path is then the very same text.
    private var last: Head?
    private var others: [String: Head] = [:]

    init(authority: String, userAgent: String) {
        self.authority = authority
        self.userAgent = userAgent
    }

    /// The common part of a head, which the caller gives back; meanwhile another call may be sent.
    mutating func take(_ method: MethodDescriptor, scheme: String) -> HeaderBlock {
        if let head = last, head.path == method.path {
            last = nil
            if head.scheme == scheme { return head.block }
        } else if let head = others.removeValue(forKey: method.path), head.scheme == scheme {
            return head.block
        }
        return HeaderBlock([
            (":method", "POST"), (":scheme", scheme), (":path", method.path), (":authority", authority),
            ("te", "trailers"), ("content-type", "application/grpc"), ("user-agent", userAgent),
            ("grpc-accept-encoding", MessageEncoding.acceptHeader),
        ])
    }

    mutating func giveBack(_ block: consuming HeaderBlock, of method: MethodDescriptor, scheme: String) {
        if let last, last.path != method.path { others[last.path] = last }
        last = Head(path: method.path, scheme: scheme, block: block)
    }
}

/// What the head of one attempt has besides.
struct RequestParticulars {
    /// The caller's.
    var metadata: Metadata
    /// Tracers'; it replaces what the caller gave under the same names.
    var added = Metadata()
    /// Until the deadline.
    var nanoseconds: Int64?
    var previousAttempts = 0
    /// Of the request's messages.
    var encoding = MessageEncoding.identity

    func append(to head: inout HeaderBlock) {
        // Ids of requests and traces, mostly; and what is secret belongs into no table either (RFC 7541 section 7.1.3).
        metadata.forEach { key, value in
            if Metadata.isReserved(key) || (!added.isEmpty && added.contains(key)) { return }
            head.append(name: key, value: value, isIndexed: false)
        }
        added.forEach { if !Metadata.isReserved($0) { head.append(name: $0, value: $1, isIndexed: false) } }
        if encoding != .identity { head.append("grpc-encoding", encoding.rawValue) }
        if previousAttempts > 0 {
            head.append("grpc-previous-rpc-attempts", String(previousAttempts), isIndexed: false)
        }
        if let nanoseconds {
            head.append("grpc-timeout", TimeoutHeader.format(nanoseconds: nanoseconds), isIndexed: false)
        }
    }
}

extension Metadata {
    fileprivate func contains(_ key: Span<UInt8>) -> Bool {
        var found = false
        forEach { other, _ in if other.equals(key) { found = true } }
        return found
    }
}
