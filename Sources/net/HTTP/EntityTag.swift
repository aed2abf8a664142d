/// The name of one state of one representation (RFC 9110 section 8.8.3): `"xyzzy"`, or `W/"xyzzy"` for a weak one.
///
/// There is no `==`, on purpose: whether two tags are equal depends on what for (section 8.8.3.2).
package struct EntityTag: Sendable {
    /// What stands between the quotes.
    package let opaque: String
    /// A strong tag promises that equal tags mean equal bytes, a weak one that either will do.
    package let isWeak: Bool

    package init(_ opaque: String, isWeak: Bool = false) {
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// nil unless `value` is exactly one tag.
    package init?(parsing value: String) {
        var cursor = FieldCursor(value)
        guard let tag = EntityTag(&cursor), cursor.isAtEnd else { return nil }
        self = tag
    }

    /// Takes one tag off the cursor. `W/` is case-sensitive.
    init?(_ cursor: inout FieldCursor) {
        let isWeak = cursor.take("W/")
        guard cursor.take(UInt8(ascii: "\"")) else { return nil }
        let opaque = cursor.take(while: EntityTag.isTagByte)
        guard cursor.take(UInt8(ascii: "\"")) else { return nil }
        self.init(String(decoding: opaque, as: UTF8.self), isWeak: isWeak)
    }

    /// `etagc`: visible, no quote; a backslash escapes nothing.
    private static func isTagByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "\"")
    }

    /// For ranges and for changes: both are strong and have the same bytes.
    package func equalsStrongly(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && hasSameBytes(as: other)
    }

    /// For caches: they have the same bytes.
    package func equalsWeakly(_ other: EntityTag) -> Bool {
        hasSameBytes(as: other)
    }

    /// Swift's own comparison of strings knows characters that are equal without having the same bytes.
    private func hasSameBytes(as other: EntityTag) -> Bool {
        opaque.utf8.elementsEqual(other.opaque.utf8)
    }
}

extension EntityTag: CustomStringConvertible {
    /// As it is written in a field.
    package var description: String { isWeak ? "W/\"\(opaque)\"" : "\"\(opaque)\"" }
}

/// The value of If-Match or If-None-Match: `*`, or a list of tags (RFC 9110 sections 13.1.1 and 13.1.2).
package enum EntityTagList {
    case any
    case tags([EntityTag])

    /// What all fields `name` say together; nil if there is none.
    ///
    /// A list that cannot be read names no tag at all: If-Match then protects what the client wanted protected, and
    /// If-None-Match costs a transfer.
    package init?(_ fields: HTTPFields, _ name: String) {
        guard fields.contains(name) else { return nil }
        let values = fields.values(name)
        if values == ["*"] {
            self = .any
            return
        }
        var tags: [EntityTag] = []
        for value in values {
            guard EntityTagList.read(value, into: &tags) else {
                self = .tags([])
                return
            }
        }
        self = .tags(tags)
    }

    private static func read(_ value: String, into tags: inout [EntityTag]) -> Bool {
        var cursor = FieldCursor(value)
        cursor.passToMember()
        while !cursor.isAtEnd {
            guard let tag = EntityTag(&cursor) else { return false }
            tags.append(tag)
            cursor.passBlanks()
            guard cursor.isAtEnd || cursor.next == UInt8(ascii: ",") else { return false }
            cursor.passToMember()
        }
        return true
    }

    /// Whether a tag of the list is equal to `tag`; `*` is equal to every one.
    package func contains(_ tag: EntityTag, strongly: Bool) -> Bool {
        switch self {
        case .any: true
        case .tags(let tags): tags.contains { strongly ? $0.equalsStrongly(tag) : $0.equalsWeakly(tag) }
        }
    }
}
