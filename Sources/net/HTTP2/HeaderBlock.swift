import Bytes
import CNghttp2

/// Header fields on their way out: pseudo-fields first, names in lower case.
///
/// All of it lies in one array, each field behind its two lengths: a block that never changes is built once, and passing
/// it on costs one reference.
package struct HeaderBlock: Hashable, Sendable {
    private static let prefixLength = MemoryLayout<UInt64>.size
    /// In a field's prefix, above its name's length: not for HPACK's table.
    private static let notIndexed: UInt64 = 1 << 63

    private var storage: [UInt8] = []
    private var count = 0

    package init() {}

    /// Names and values.
    var fieldBytes: Int { storage.count - HeaderBlock.prefixLength * count }

    /// As RFC 9113 section 6.5.2 counts: 32 bytes of overhead a field.
    package var listSize: Int { fieldBytes + 32 * count }

    /// What it takes at most when HPACK finds nothing to save: two lengths of up to six bytes a field, twelve for a change
    /// of the table's size and five for a priority. nghttp2 reckons with the same.
    var compressedBound: Int { fieldBytes + 12 * count + 17 }

    package init(_ fields: [(name: String, value: String)]) {
        for field in fields { append(field.name, field.value) }
    }

    package mutating func append(_ name: String, _ value: String, isIndexed: Bool = true) {
        append(name: name.utf8.span, value: value.utf8.span, isIndexed: isIndexed)
    }

    /// A value that no other call has is not worth a place in HPACK's table, where it drives out those that all have.
    package mutating func append(name: Span<UInt8>, value: Span<UInt8>, isIndexed: Bool = true) {
        // A field is far below 2 GiB: its caller holds it in memory, and no peer takes one.
        let lengths = UInt64(name.count) << 32 | UInt64(value.count) | (isIndexed ? 0 : HeaderBlock.notIndexed)
        storage.append(addingCapacity: HeaderBlock.prefixLength + name.count + value.count) { output in
            output.append(bigEndian: lengths)
            output.append(copying: name)
            output.append(copying: value)
        }
        count += 1
    }

    /// Where the block ends now.
    package var mark: (bytes: Int, fields: Int) { (storage.count, count) }

    /// Takes away what was appended since, and keeps the room for the next.
    package mutating func removeAll(after mark: (bytes: Int, fields: Int)) {
        storage.removeLast(max(0, storage.count - mark.bytes))
        count = min(count, mark.fields)
    }

    /// Hands the block to nghttp2, which copies what it keeps.
    func withFields<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
        unsafe storage.withUnsafeBufferPointer { bytes in
            unsafe withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: count) { fields in
                // nghttp2's structure is not const-correct; it does not write through these pointers.
                if var next = unsafe UnsafeMutablePointer(mutating: bytes.baseAddress) {
                    for index in 0..<count {
                        let lengths = unsafe UInt64(bigEndian: UnsafeRawPointer(next).loadUnaligned(as: UInt64.self))
                        let nameLength = Int(lengths >> 32 & 0x7fff_ffff)
                        let valueLength = Int(lengths & 0xffff_ffff)
                        unsafe next += HeaderBlock.prefixLength
                        unsafe fields[index] = unsafe nghttp2_nv(
                            name: next, value: next + nameLength, namelen: nameLength, valuelen: valueLength,
                            flags: lengths < HeaderBlock.notIndexed ? 0 : UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue))
                        unsafe next += nameLength + valueLength
                    }
                }
                return unsafe body(UnsafePointer(fields.baseAddress), count)
            }
        }
    }
}
