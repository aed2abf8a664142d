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
