import Bytes

/// The decoded `name=value` pairs of a query, and what was wrong with them.
///
/// `+` and `%20` both are a space, as in HTML forms. A parameter that comes twice keeps its first value; the second is
/// a problem, because readers that silently choose one disagree about which.
package struct QueryParameters: Equatable, Sendable {
    package struct Item: Equatable, Sendable {
        package var name: String
        package var value: String
    }

    package enum Problem: Equatable, Sendable {
        case duplicate(name: String)
        /// A bad escape, or bytes that are not UTF-8; the parameter is left out.
        case malformed(text: String)
    }

    package private(set) var items: [Item] = []
    package private(set) var problems: [Problem] = []

    /// Empty pairs (`a=1&&b=2`) are skipped; a name without `=` has the value "".
    package init(_ query: Substring) {
        if query.isEmpty { return }
        var names: Set<String> = []
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.map { PercentCoding.decode(Substring($0), plusIsSpace: true) }
            guard let name = decoded.first ?? nil, let value = decoded.count > 1 ? decoded[1] : "" else {
                problems.append(.malformed(text: String(Substring(pair))))
                continue
            }
            if names.insert(name).inserted {
                items.append(Item(name: name, value: value))
            } else {
                problems.append(.duplicate(name: name))
            }
        }
    }

    package subscript(name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// The names that are none of `known`: usually a typing error that is better reported than ignored.
    package func unknownNames(besides known: [String]) -> [String] {
        items.map(\.name).filter { !known.contains($0) }
    }
}

extension QueryParameters.Problem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .duplicate(let name): "query parameter '\(name)' is given more than once"
        case .malformed(let text): "query parameter '\(text)' is not valid percent-encoded UTF-8"
        }
    }
}
