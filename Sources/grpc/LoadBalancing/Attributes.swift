/// Says what an attribute's values are; the type itself is the name: `enum Weight: AttributeKey { typealias Value = UInt32 }`.
package protocol AttributeKey {
    associatedtype Value: Hashable & Sendable
}

/// What a resolver tells of an endpoint, or of all of them, besides addresses: for the policies that know the key, and
/// nothing to everybody else.
package struct Attributes: Hashable, Sendable {
    private var values: [ObjectIdentifier: any Hashable & Sendable] = [:]

    package init() {}

    package subscript<Key: AttributeKey>(_ key: Key.Type) -> Key.Value? {
        get { values[ObjectIdentifier(key)] as? Key.Value }
        set { values[ObjectIdentifier(key)] = newValue }
    }

    package static func == (left: Attributes, right: Attributes) -> Bool {
        left.erased == right.erased
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(erased) }

    private var erased: [ObjectIdentifier: AnyHashable] { values.mapValues { AnyHashable($0) } }
}
