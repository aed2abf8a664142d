import Bytes

/// A strict reader of whole JSON documents (RFC 8259): UTF-8 only, no comments, no trailing commas, no duplicate keys.
package struct JSONParser {
    package struct Limits: Equatable, Sendable {
        /// Bytes of a document; a longer one is refused unread.
        package var bytes: Int
        /// Arrays and objects inside one another. The parser recurses, so this bounds its stack.
        package var depth: Int

        package init(bytes: Int, depth: Int) {
            self.bytes = bytes
            self.depth = depth
        }

        /// 4 MiB as for a gRPC message; 64 levels are more than any configuration needs.
        package static let defaults = Limits(bytes: 4 << 20, depth: 64)
    }

    package static func parse(_ text: String, limits: Limits = .defaults) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8), limits: limits)
    }

    package static func parse(_ text: Span<UInt8>, limits: Limits = .defaults) throws(JSONError) -> JSONValue {
        try parse(Array(copying: text), limits: limits)
    }

    package static func parse(_ text: [UInt8], limits: Limits = .defaults) throws(JSONError) -> JSONValue {
        guard text.count <= limits.bytes else {
            let problem = "the document has \(text.count) bytes; expected at most \(limits.bytes)"
            throw JSONError(offset: limits.bytes, problem: problem)
        }
        var parser = JSONParser(text: text, limits: limits)
        let value = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.offset == text.count else { throw parser.error("expected the end after the document's value") }
        return value
    }

    let text: [UInt8]
    let limits: Limits
    var offset = 0

    private init(text: [UInt8], limits: Limits) {
        self.text = text
        self.limits = limits
    }

    /// The byte at the read position; nil at the end.
    var current: UInt8? { offset < text.count ? text[offset] : nil }

    func error(_ problem: String) -> JSONError {
        JSONError(offset: offset, problem: offset < text.count ? problem : "\(problem), found the end of the text")
    }

    mutating func skipBlanks() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    /// Steps over `byte` if it is next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        offset += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipBlanks()
        switch current {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"),
            _ where current?.isASCIIDigit == true:
            return .number(try number())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw error("expected a value")
        }
    }

    private mutating func literal(_ name: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard text[offset...].starts(with: name.utf8) else { throw error("expected \(name)") }
        offset += name.utf8.count
        return value
    }

    private func checkDepth(_ depth: Int) throws(JSONError) {
        guard depth <= limits.depth else { throw error("expected at most \(limits.depth) levels of nesting") }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try checkDepth(depth)
        offset += 1
        var elements: [JSONValue] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(depth: depth))
            skipBlanks()
            if take(UInt8(ascii: "]")) { return elements }
            guard take(UInt8(ascii: ",")) else { throw error("expected ',' or ']' after an element") }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try checkDepth(depth)
        offset += 1
        var members: [JSONObject.Member] = []
        var keys: Set<String> = []
        skipBlanks()
        if take(UInt8(ascii: "}")) { return JSONObject() }
        while true {
            skipBlanks()
            let start = offset
            guard current == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
            let key = try string()
            guard keys.insert(key).inserted else {
                throw JSONError(offset: start, problem: "expected each key once in an object, found it again")
            }
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw error("expected ':' after a key") }
            members.append(JSONObject.Member(key: key, value: try value(depth: depth)))
            skipBlanks()
            if take(UInt8(ascii: "}")) { return JSONObject(members) }
            guard take(UInt8(ascii: ",")) else { throw error("expected ',' or '}' after a member") }
        }
    }
}

/// Why a text is not an acceptable JSON document.
package struct JSONError: Error, Equatable {
    /// Bytes before the place of the error.
    package var offset: Int
    /// What was found or expected there, as the end of a sentence.
    package var problem: String

    package init(offset: Int, problem: String) {
        self.offset = offset
        self.problem = problem
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "bad JSON at byte \(offset): \(problem)" }
}
