import Bytes
import CNghttp2

/// Header fields on their way out: pseudo-fields first, names in lower case.
///
/// The bytes lie in one array, so that a block that never changes is built once and costs nothing when it is sent.
package struct HeaderBlock: Hashable, Sendable {
    private struct Entry: Hashable {
        var start: Int
        var nameLength: Int
        var valueLength: Int
        var isIndexed: Bool
    }

    private var storage: [UInt8] = []
    private var entries: [Entry] = []

    package init() {}

    /// As RFC 9113 section 6.5.2 counts: 32 bytes of overhead a field.
    package var listSize: Int { storage.count + 32 * entries.count }

    /// What it takes at most when HPACK finds nothing to save: two lengths of up to six bytes a field, twelve for a change
    /// of the table's size and five for a priority. nghttp2 reckons with the same.
    var compressedBound: Int { storage.count + 12 * entries.count + 17 }

    package init(_ fields: [(name: String, value: String)]) {
        for field in fields { append(field.name, field.value) }
    }

    /// A value that no other call has is not worth a place in HPACK's table, where it drives out those that all have.
    package mutating func append(_ name: String, _ value: String, isIndexed: Bool = true) {
        let start = storage.count
        storage.append(contentsOf: name.utf8)
        let middle = storage.count
        storage.append(contentsOf: value.utf8)
        entries.append(
            Entry(
                start: start, nameLength: middle - start, valueLength: storage.count - middle, isIndexed: isIndexed))
    }

    package mutating func append(name: Span<UInt8>, value: Span<UInt8>, isIndexed: Bool = true) {
        entries.append(
            Entry(
                start: storage.count, nameLength: name.count, valueLength: value.count, isIndexed: isIndexed))
        storage.append(contentsOf: name)
        storage.append(contentsOf: value)
    }

    /// Where the block ends now.
    package var mark: (bytes: Int, fields: Int) { (storage.count, entries.count) }

    /// Takes away what was appended since, and keeps the room for the next.
    package mutating func removeAll(after mark: (bytes: Int, fields: Int)) {
        storage.removeLast(max(0, storage.count - mark.bytes))
        entries.removeLast(max(0, entries.count - mark.fields))
    }

    /// Hands the block to nghttp2, which copies what it keeps.
    func withFields<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
        unsafe storage.withUnsafeBufferPointer { bytes in
            unsafe withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: entries.count) { fields in
                // nghttp2's structure is not const-correct; it does not write through these pointers.
                let base = unsafe UnsafeMutablePointer(mutating: bytes.baseAddress)
                for (index, entry) in entries.enumerated() {
                    let name = unsafe base.map { unsafe $0 + entry.start }
                    let value = unsafe base.map { unsafe $0 + entry.start + entry.nameLength }
                    unsafe fields[index] = unsafe nghttp2_nv(
                        name: name, value: value, namelen: entry.nameLength, valuelen: entry.valueLength,
                        flags: entry.isIndexed ? 0 : UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue))
                }
                return unsafe body(UnsafePointer(fields.baseAddress), entries.count)
            }
        }
    }
}
