import Bytes

/// Custom metadata of a call: ordered, keys in lower case, several values for a key allowed.
///
/// All entries lie one after the other in a single array, each behind the lengths of its key and value, so that those of
/// a received call cost one allocation however many there are.
package struct Metadata: Hashable, Sendable {
    private static let prefixLength = 8

    private var storage: [UInt8] = []
    package private(set) var count = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }

    /// Appends a field as it has come, or as it is to go; nothing is looked at.
    package mutating func append(key: Span<UInt8>, value: Span<UInt8>) {
        let length = Metadata.prefixLength + key.count + value.count
        if count == 0 { storage.reserveCapacity(max(length, 160)) }
        storage.append(addingCapacity: length) { output in
            // A header field has less than 4 GiB.
            output.append(bigEndian: UInt64(key.count) << 32 | UInt64(value.count))
            output.append(copying: key)
            output.append(copying: value)
        }
        count += 1
    }

    /// Pseudo-fields, and what gRPC writes itself (PROTOCOL-HTTP2): an application's are not passed on.
    package static func isReserved(_ key: Span<UInt8>) -> Bool {
        if key.starts(with: ":") || key.equals("te") || key.equals("content-type") || key.equals("user-agent") {
            return true
        }
        guard key.starts(with: "grpc-") else { return isHTTPs(key) }
        // These two are the application's, in spite of their names.
        return !key.equals("grpc-trace-bin") && !key.equals("grpc-tags-bin")
    }

    /// The same for a response, in which a server's application says more of a failure by some of gRPC's names.
    package static func isReservedInResponse(_ key: Span<UInt8>) -> Bool {
        isReserved(key) && !key.equals("grpc-status-details-bin") && !key.equals("grpc-retry-pushback-ms")
            && !key.equals("grpc-accept-encoding")
    }

    /// The first value of `key`, which is lower case; nil if there is none or it is not UTF-8.
    package subscript(key: String) -> String? {
        let key = key.utf8.span
        var start = 0
        while let entry = entry(at: start) {
            if entry.key.count == key.count, storage.span.extracting(entry.key).equals(key) {
                return String(validating: storage.span.extracting(entry.value))
            }
            start = entry.value.upperBound
        }
        return nil
    }

    /// The value of `key`, which is lower case, if it comes once; nil if it comes never or several times, or is not UTF-8.
    package func single(_ key: String) -> String? {
        var value: String?
        var found = 0
        forEach { name, text in
            guard name.equals(key.utf8.span) else { return }
            found += 1
            value = found == 1 ? String(validating: text) : nil
        }
        return value
    }

    /// All values of `key`, which is lower case, in order; one that is not UTF-8 is U+FFFD.
    package func values(_ key: String) -> [String] {
        var values: [String] = []
        forEach { name, text in
            if name.equals(key.utf8.span) { values.append(String(validating: text) ?? "\u{FFFD}") }
        }
        return values
    }

    /// Each entry, as raw bytes, in order.
    package func forEach<Failure: Error>(
        _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        var start = 0
        while let entry = entry(at: start) {
            try body(storage.span.extracting(entry.key), storage.span.extracting(entry.value))
            start = entry.value.upperBound
        }
    }

    /// Where the key and the value of the entry lie that begins there; nil at the end.
    private func entry(at start: Int) -> (key: Range<Int>, value: Range<Int>)? {
        guard start < storage.count else { return nil }
        let key = start + Metadata.prefixLength
        let value = key + length(at: start)
        return (key..<value, value..<value + length(at: start + 4))
    }

    private func length(at index: Int) -> Int { Int(storage.span.bigEndian(at: index)) }
}
