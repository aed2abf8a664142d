package import RPCCore

/// Which part of a list somebody asks for (gRFC A14): what has this number or a greater one, and so many of it. Pure.
package struct ChannelzPage: Hashable, Sendable {
    /// Of an answer, whatever is asked for.
    package static let mostResults = 100

    package let first: Int
    package let limit: Int

    /// `name` is the field's that says where to begin. Throws INVALID_ARGUMENT for what is negative.
    package init(from start: Int64, named name: String, maxResults: Int64) throws(RPCError) {
        first = try ChannelzPage.number(start, name)
        let most = try ChannelzPage.number(maxResults, "max_results")
        limit = most == 0 ? ChannelzPage.mostResults : min(most, ChannelzPage.mostResults)
    }

    /// Of a thing, or of things.
    package static func number(_ value: Int64, _ name: String) throws(RPCError) -> Int {
        guard value >= 0 else { throw RPCError(.invalidArgument, "\(name) is \(value), and must not be negative") }
        return Int(value)
    }

    /// The page, and whether it is the last one; `all` ascends by `number`, and need not have more than one beyond the page.
    package func cut<Item>(_ all: [Item], by number: (Item) -> Int) -> (items: ArraySlice<Item>, isLast: Bool) {
        let rest = all.drop { number($0) < first }
        return (rest.prefix(limit), rest.count <= limit)
    }
}
