import Bytes

/// Appends one JSON text to a byte array, without building values first.
///
/// Commas and colons are the writer's business; that `begin…` and `end…` match, and that an object's values follow
/// keys, is the caller's. Nothing is written between tokens, so a text is one line: a log record.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init() {}

    /// With room for a text of about `capacity` bytes.
    package init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Starts anew and keeps the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    package mutating func key(_ key: String) {
        separate()
        appendQuoted(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Members that are the same each time.
    package mutating func members(_ members: JSONMembers) {
        separate()
        bytes.append(contentsOf: members.bytes.span)
    }

    /// A value that is JSON already, such as another writer's bytes.
    package mutating func text(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json.span)
    }

    package mutating func string(_ value: String) {
        separate()
        appendQuoted(value)
    }

    package mutating func int(_ value: some BinaryInteger) {
        separate()
        if let number = UInt64(exactly: value) { return Decimal.append(number, to: &bytes) }
        bytes.append(contentsOf: value.description.utf8)
    }

    /// The shortest text that reads back as the same number; JSON has no infinity and no NaN, they become `null`.
    package mutating func double(_ value: Double) {
        separate()
        bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
    }

    package mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(.integer(let value)): int(value)
        case .number(.double(let value)): double(value)
        case .string(let value): string(value)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                key(member.key)
                self.value(member.value)
            }
            endObject()
        }
    }

    /// Ends the text with a line feed; the next one starts a text of its own.
    package mutating func endLine() {
        bytes.append(0x0A)
        needsComma = false
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Escapes what RFC 8259 demands, and DEL, the C1 controls, U+2028 and U+2029 as well: a log record must neither
    /// steer the terminal that shows it nor look like two lines to any reader.
    private mutating func appendQuoted(_ text: String) {
        let source = text.utf8.span
        // What keys and values mostly are goes in as it is.
        if PrintableText.isPlain(source) {
            return bytes.append(addingCapacity: source.count + 2) { output in
                output.append(UInt8(ascii: "\""))
                output.append(copying: source)
                output.append(UInt8(ascii: "\""))
            }
        }
        bytes.append(UInt8(ascii: "\""))
        var copied = 0
        var index = 0
        while index < source.count {
            let length = lengthToEscape(in: source, at: index)
            if length > 0 {
                bytes.append(contentsOf: source.extracting(copied..<index))
                appendEscape(source.extracting(index..<index + length))
                copied = index + length
            }
            index += max(length, 1)
        }
        bytes.append(contentsOf: source.extracting(copied..<source.count))
        bytes.append(UInt8(ascii: "\""))
    }

    /// Bytes of the character at `index` if it has to be escaped, else 0. A Swift string is valid UTF-8, so the lead
    /// byte promises its continuation; the bounds are checked all the same.
    private func lengthToEscape(in source: Span<UInt8>, at index: Int) -> Int {
        switch source[index] {
        case 0..<0x20, 0x7F, UInt8(ascii: "\""), UInt8(ascii: "\\"): 1
        case 0xC2: index + 1 < source.count && source[index + 1] < 0xA0 ? 2 : 0
        case 0xE2:
            index + 2 < source.count && source[index + 1] == 0x80 && (0xA8...0xA9).contains(source[index + 2]) ? 3 : 0
        default: 0
        }
    }

    private mutating func appendEscape(_ character: Span<UInt8>) {
        bytes.append(UInt8(ascii: "\\"))
        switch character[0] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(character[0])
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0xE2: appendUnit(0x20, character[2] & 0x2F)
        case 0xC2: appendUnit(0, character[1])
        case let byte: appendUnit(0, byte)
        }
    }

    private mutating func appendUnit(_ high: UInt8, _ low: UInt8) {
        bytes.append(UInt8(ascii: "u"))
        for byte in [high, low] {
            bytes.append(Hexadecimal.lowerDigit(byte >> 4))
            bytes.append(Hexadecimal.lowerDigit(byte))
        }
    }
}

extension JSONWriter {
    package mutating func member(_ key: String, _ value: String) {
        self.key(key)
        string(value)
    }

    package mutating func member(_ key: String, _ value: some BinaryInteger) {
        self.key(key)
        int(value)
    }

    package mutating func member(_ key: String, _ value: Double) {
        self.key(key)
        double(value)
    }

    package mutating func member(_ key: String, _ value: Bool) {
        self.key(key)
        bool(value)
    }
}

extension JSONValue {
    /// The value on one line.
    package var text: String {
        String(decoding: serialized, as: UTF8.self)
    }

    package var serialized: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}

/// Members of an object, at least one, that are written once for many texts.
package struct JSONMembers: Sendable {
    fileprivate let bytes: [UInt8]

    package init(_ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        write(&writer)
        bytes = writer.bytes
    }
}
