import Bytes
import CNghttp2
import Glibc

/// The fields of one header or trailer block as they were received, in order.
///
/// They are gathered while nghttp2 decodes and handed over as a whole: calling a handler for each field was measured at
/// a third of the CPU time of a small request. All lie in one piece of memory that is used again for every block, each
/// behind its two lengths.
///
/// Most blocks of a connection begin as the one before did. HPACK refers to such fields by their place in its table, and
/// nghttp2 hands out the very same buffers for them: they are known by their addresses, stay where they are, and the
/// reader is told how many they are (`repeated`), so that it need not look at them again.
@safe package struct FieldBlock: ~Copyable {
    /// nghttp2's buffers of one field, which this block keeps a reference to: no other field can come to have their
    /// addresses.
    @unsafe private struct Known {
        var name: OpaquePointer
        var value: OpaquePointer
    }

    private static let prefixLength = 2 * MemoryLayout<UInt32>.size
    private static let initialCapacity = 1024
    /// More than this is not kept for the next block: heads of this size are rare, and idle connections many.
    private static let keptCapacity = 4096
    private static let knownCapacity = 16

    /// How far beyond its limit a block may go before the rest is not even looked at.
    private static let tolerance = 4

    private let limit: Int
    /// As RFC 9113 section 6.5.2 counts: 32 bytes of overhead a field.
    private var size = 0
    private var memory = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var used = 0
    /// Fields in the block.
    package private(set) var count = 0
    /// So many of the first fields are those of the block before, byte for byte.
    private var matched = 0
    /// The same of the blocks before that nobody has been given, for a fault of their streams.
    private var matchedMeanwhile = Int.max
    private var isDelivered = false
    private let known: UnsafeMutablePointer<Known>
    private var knownCount = 0

    init(limit: Int) {
        self.limit = limit
        unsafe known = .allocate(capacity: FieldBlock.knownCapacity)
    }

    deinit {
        for index in 0..<knownCount { unsafe FieldBlock.release(known[index]) }
        unsafe known.deallocate()
        unsafe memory.deallocate()
    }

    @unsafe private static func release(_ field: Known) {
        unsafe nghttp2_rcbuf_decref(field.name)
        unsafe nghttp2_rcbuf_decref(field.value)
    }

    /// Knows the fields no longer from this place on. All of them have to go before the session's memory does.
    mutating func forget(from index: Int = 0) {
        while knownCount > index {
            knownCount -= 1
            unsafe FieldBlock.release(known[knownCount])
        }
    }

    /// The field that goes over the limit is still kept, so that the reader can tell; those after it are dropped. Answers
    /// whether to go on: HPACK makes four kilobytes of a single byte, thousands of times over, and nghttp2 checks each of
    /// them as long as somebody listens.
    @unsafe mutating func append(_ name: OpaquePointer, _ value: OpaquePointer) -> Bool {
        if matched == count, count < knownCount, size <= limit {
            let entry = unsafe UnsafeRawPointer(memory.baseAddress.unsafelyUnwrapped) + used
            let nameLength = unsafe Int(entry.loadUnaligned(as: UInt32.self))
            let valueLength = unsafe Int(entry.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            let isSame = unsafe known[count].name == name && known[count].value == value
            if unsafe isSame || FieldBlock.isField(name, nameLength, value, valueLength, at: entry + 8) {
                size += nameLength + valueLength + 32
                used += FieldBlock.prefixLength + nameLength + valueLength
                count += 1
                matched += 1
                return true
            }
        }
        forget(from: count)
        return unsafe copy(name, value)
    }

    /// Some fields come in full each time: nghttp2's own encoder keeps no `:path` in the table.
    @unsafe private static func isField(
        _ name: OpaquePointer, _ nameLength: Int, _ value: OpaquePointer, _ valueLength: Int, at bytes: UnsafeRawPointer
    ) -> Bool {
        let nameBytes = unsafe nghttp2_rcbuf_get_buf(name)
        let valueBytes = unsafe nghttp2_rcbuf_get_buf(value)
        guard unsafe nameBytes.len == nameLength, unsafe valueBytes.len == valueLength else { return false }
        return unsafe memcmp(nameBytes.base, bytes, nameLength) == 0
            && memcmp(valueBytes.base, bytes + nameLength, valueLength) == 0
    }

    @unsafe private mutating func copy(_ name: OpaquePointer, _ value: OpaquePointer) -> Bool {
        let nameBytes = unsafe nghttp2_rcbuf_get_buf(name)
        let valueBytes = unsafe nghttp2_rcbuf_get_buf(value)
        let isOver = size > limit
        unsafe size += nameBytes.len + valueBytes.len + 32
        if isOver { return size <= FieldBlock.tolerance * limit }
        let length = unsafe FieldBlock.prefixLength + nameBytes.len + valueBytes.len
        if unsafe length > memory.count - used { grow(by: length) }
        let entry = unsafe memory.baseAddress.unsafelyUnwrapped + used
        unsafe entry.storeBytes(of: UInt32(nameBytes.len), as: UInt32.self)
        unsafe entry.storeBytes(of: UInt32(valueBytes.len), toByteOffset: 4, as: UInt32.self)
        if let base = unsafe nameBytes.base { unsafe (entry + 8).copyMemory(from: base, byteCount: nameBytes.len) }
        if let base = unsafe valueBytes.base {
            unsafe (entry + 8 + nameBytes.len).copyMemory(from: base, byteCount: valueBytes.len)
        }
        used += length
        if count == knownCount, count < FieldBlock.knownCapacity, size <= limit {
            unsafe nghttp2_rcbuf_incref(name)
            unsafe nghttp2_rcbuf_incref(value)
            unsafe (known + count).initialize(to: Known(name: name, value: value))
            knownCount += 1
        }
        count += 1
        return true
    }

    private mutating func grow(by length: Int) {
        let larger = unsafe UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(2 * memory.count, used + length, FieldBlock.initialCapacity), alignment: 1)
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<used]))
        unsafe memory.deallocate()
        unsafe memory = larger
    }

    /// So many of the first fields are those of the block that was handed over last, byte for byte.
    package var repeated: Int { min(matched, matchedMeanwhile) }

    /// The block has been handed over.
    mutating func delivered() {
        isDelivered = true
        guard unsafe memory.count > FieldBlock.keptCapacity else { return }
        forget()
        unsafe memory.deallocate()
        unsafe memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        used = 0
        count = 0
    }

    /// Begins the next block.
    mutating func removeAll() {
        // A stream that was refused has brought none.
        if count > 0 || isDelivered {
            forget(from: count)
            matchedMeanwhile = isDelivered ? .max : repeated
            isDelivered = false
        }
        size = 0
        used = 0
        count = 0
        matched = 0
    }

    package borrowing func forEach(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        forEach(0..<Int.max, body)
    }

    /// The fields of some places, in order.
    package borrowing func forEach(_ places: Range<Int>, _ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        var position = 0
        var index = 0
        if places.lowerBound >= count { return }
        while position < used, index < places.upperBound {
            let entry = unsafe UnsafeRawPointer(memory.baseAddress.unsafelyUnwrapped) + position
            let nameLength = unsafe Int(entry.loadUnaligned(as: UInt32.self))
            let valueLength = unsafe Int(entry.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            position += FieldBlock.prefixLength + nameLength + valueLength
            index += 1
            if index <= places.lowerBound { continue }
            let name = unsafe (entry + 8).assumingMemoryBound(to: UInt8.self)
            unsafe body(
                Span(_unsafeStart: name, count: nameLength), Span(_unsafeStart: name + nameLength, count: valueLength))
        }
    }
}
