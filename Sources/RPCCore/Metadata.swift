import Bytes

/// Custom metadata of a call: ordered, keys in lower case, several values for a key allowed.
///
/// Keys and values lie one after the other in a single array, so that the entries of a received call cost one
/// allocation however many there are.
package struct Metadata: Hashable, Sendable {
    private struct Entry: Hashable {
        var start: UInt32
        var keyLength: UInt32
        var valueLength: UInt32
    }

    private var storage: [UInt8] = []
    private var entries: [Entry] = []

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }
    package var count: Int { entries.count }

    package mutating func append(key: Span<UInt8>, value: Span<UInt8>) {
        entries.append(
            Entry(start: UInt32(storage.count), keyLength: UInt32(key.count), valueLength: UInt32(value.count)))
        storage.append(contentsOf: key)
        storage.append(contentsOf: value)
    }

    /// `key` is lower case; for binary values it ends in `-bin`, and `value` is what goes on the wire (base64).
    package mutating func append(_ key: String, _ value: String) {
        append(key: Array(key.utf8).span, value: Array(value.utf8).span)
    }

    /// Pseudo-fields, and what gRPC writes itself (PROTOCOL-HTTP2): an application's are not passed on.
    package static func isReserved(_ key: Span<UInt8>) -> Bool {
        if key.starts(with: ":") || key.equals("te") || key.equals("content-type") || key.equals("user-agent") {
            return true
        }
        guard key.starts(with: "grpc-") else { return false }
        // These two are the application's, in spite of their names.
        return !key.equals("grpc-trace-bin") && !key.equals("grpc-tags-bin")
    }

    /// The first value of `key`, which is lower case; nil if there is none or it is not UTF-8.
    package subscript(key: String) -> String? {
        for index in entries.indices where keyEquals(key, at: index) { return value(at: index) }
        return nil
    }

    /// Each entry, as raw bytes, in order.
    package func forEach(_ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        for entry in entries {
            let start = Int(entry.start)
            let middle = start + Int(entry.keyLength)
            let bytes = storage.span
            body(bytes.extracting(start..<middle), bytes.extracting(middle..<middle + Int(entry.valueLength)))
        }
    }

    private func keyEquals(_ key: String, at index: Int) -> Bool {
        let entry = entries[index]
        let start = Int(entry.start)
        return key.utf8.count == Int(entry.keyLength)
            && storage[start..<start + Int(entry.keyLength)].elementsEqual(key.utf8)
    }

    private func value(at index: Int) -> String? {
        let entry = entries[index]
        let start = Int(entry.start) + Int(entry.keyLength)
        return String(validating: storage.span.extracting(start..<start + Int(entry.valueLength)))
    }
}
