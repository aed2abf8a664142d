/// Header fields in the order in which they were sent, looked up without regard to case (RFC 9110 section 5).
///
/// A message has about ten fields, so a look-up compares lengths and then bytes along the list; nothing is hashed and
/// no name is rewritten.
package struct HTTPFields: Sendable {
    package struct Field: Equatable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package private(set) var all: [Field] = [] {
        didSet { lines = nil }
    }
    /// What `prepare` made, until the next change.
    private(set) var lines: [UInt8]?

    package init() {}

    /// Writes the lines of the message in advance, for fields that go out many times.
    package mutating func prepare() {
        var lines: [UInt8] = []
        HTTP1HeadWriter.append(self, to: &lines)
        self.lines = lines
    }

    package var count: Int { all.count }
    package var isEmpty: Bool { all.isEmpty }

    /// The value of the first field `name`.
    package subscript(name: String) -> String? {
        all.first { HTTPFields.equalNames($0.name, name) }?.value
    }

    package func contains(_ name: String) -> Bool {
        all.contains { HTTPFields.equalNames($0.name, name) }
    }

    /// The value of each field `name`, in order.
    package func values(_ name: String) -> [String] {
        all.lazy.filter { HTTPFields.equalNames($0.name, name) }.map(\.value)
    }

    /// The members of a comma-separated list that may be spread over several fields, in lower case; empty members
    /// are skipped (RFC 9110 section 5.6.1). For lists of tokens: a quoted comma would split.
    package func tokens(_ name: String) -> [String] {
        values(name).flatMap { value in
            value.utf8.split(separator: UInt8(ascii: ",")).compactMap { part in
                let token = Substring(part).trimmingBlanks
                return token.isEmpty ? nil : token.lowercased()
            }
        }
    }

    package mutating func append(_ name: String, _ value: String) {
        // Few messages have more; growing by and by took four allocations.
        if all.capacity == 0 { all.reserveCapacity(8) }
        all.append(Field(name: name, value: value))
    }

    /// Puts `value` in the place of every field `name`.
    package mutating func set(_ name: String, _ value: String) {
        remove(name)
        append(name, value)
    }

    package mutating func remove(_ name: String) {
        all.removeAll { HTTPFields.equalNames($0.name, name) }
    }

    /// Compares ASCII without regard to case; other bytes have to be equal.
    package static func equalNames(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        let left = left.utf8.span
        let right = right.utf8.span
        for index in left.indices where left[index] != right[index] {
            let lower = left[index] | 0x20
            guard lower == right[index] | 0x20, (0x61...0x7A).contains(lower) else { return false }
        }
        return true
    }
}

extension HTTPFields: Equatable {
    package static func == (left: HTTPFields, right: HTTPFields) -> Bool { left.all == right.all }
}

extension HTTPFields: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        all.reserveCapacity(max(elements.count, 4))
        for element in elements { all.append(Field(name: element.0, value: element.1)) }
    }
}

extension Substring {
    /// Without the spaces and tabs around it.
    var trimmingBlanks: Substring {
        var text = self
        while let first = text.utf8.first, first == 0x20 || first == 0x09 { text.removeFirst() }
        while let last = text.utf8.last, last == 0x20 || last == 0x09 { text.removeLast() }
        return text
    }
}
