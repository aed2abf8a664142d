import Timing

/// An operation that has ended, as those who look at traces are to see it.
package struct SpanRecord: Equatable, Sendable {
    package enum Kind: Hashable, Sendable {
        case server, client, `internal`
    }

    package enum Value: Hashable, Sendable {
        case text(String)
        case number(Int64)
        case flag(Bool)
    }

    package struct Attribute: Hashable, Sendable {
        package let key: String
        package let value: Value

        package init(_ key: String, _ value: Value) {
            self.key = key
            self.value = value
        }
    }

    package struct Event: Hashable, Sendable {
        package let name: String
        /// Nanoseconds since 1970.
        package let time: Int64

        package init(_ name: String, at time: Int64) {
            self.name = name
            self.time = time
        }
    }

    package enum Outcome: Hashable, Sendable {
        case unset, ok
        case error(String)
    }

    /// Of text that a client, or a server elsewhere, may choose, in bytes: a request line may have 8 KiB.
    package static let longestText = 1024

    /// Its trace, and in `parentID` its own id: what its requests name as their parent.
    package let context: TraceContext
    /// nil for the first of its trace.
    package let parentID: UInt64?
    /// The parent is another process's.
    package let hasRemoteParent: Bool
    /// W3C's field `tracestate`.
    package let state: String?
    package let name: String
    package let kind: Kind
    /// Nanoseconds since 1970.
    package let start: Int64
    package let end: Int64
    package var attributes: [Attribute]
    package var events: [Event] = []
    package var outcome: Outcome

    package init(
        _ name: String, _ kind: Kind, _ context: TraceContext, parentID: UInt64?, hasRemoteParent: Bool = false,
        state: String? = nil, end: Int64, duration: Duration, attributes: [Attribute], outcome: Outcome
    ) {
        self.name = name
        self.kind = kind
        self.context = context
        self.parentID = parentID
        self.hasRemoteParent = hasRemoteParent
        self.state = state
        self.end = end
        start = end - max(duration.nanoseconds, 0)
        self.attributes = attributes
        self.outcome = if case .error(let text) = outcome { .error(SpanRecord.cut(text)) } else { outcome }
    }

    /// About what it takes, in memory and on the wire.
    package var byteCount: Int {
        var count = 160 + name.utf8.count + (state?.utf8.count ?? 0)
        for attribute in attributes {
            count += 40 + attribute.key.utf8.count
            if case .text(let text) = attribute.value { count += text.utf8.count }
        }
        for event in events { count += 32 + event.name.utf8.count }
        if case .error(let description) = outcome { count += description.utf8.count }
        return count
    }
}

extension SpanRecord.Value {
    /// Text that a client, or a server elsewhere, has chosen: no more of it than `longestText`.
    package static func cut(_ text: String) -> SpanRecord.Value {
        .text(SpanRecord.cut(text))
    }
}

extension SpanRecord {
    fileprivate static func cut(_ text: String) -> String {
        guard text.utf8.count > longestText else { return text }
        // Decoded, so that a character that is cut in two is still UTF-8: a collector refuses a whole batch for what is not.
        return String(decoding: text.utf8.prefix(longestText), as: UTF8.self)
    }
}
