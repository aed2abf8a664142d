import Bytes

/// The fields of one header or trailer block as they were received, in order.
///
/// They are gathered while nghttp2 decodes and handed over as a whole: calling a handler for each field was measured at
/// a third of the CPU time of a small request. All lie in one piece of memory that is used again for every block, each
/// behind its two lengths.
@safe package struct FieldBlock: ~Copyable {
    private static let prefixLength = 2 * MemoryLayout<UInt32>.size

    /// How far beyond its limit a block may go before the rest is not even looked at.
    private static let tolerance = 4

    private let limit: Int
    /// As RFC 9113 section 6.5.2 counts: 32 bytes of overhead a field.
    private var size = 0
    private var memory: UnsafeMutableRawBufferPointer
    private var used = 0

    init(limit: Int) {
        self.limit = limit
        unsafe memory = .allocate(byteCount: 1024, alignment: 1)
    }

    deinit { unsafe memory.deallocate() }

    /// The field that goes over the limit is still kept, so that the reader can tell; those after it are dropped. Answers
    /// whether to go on: HPACK makes four kilobytes of a single byte, thousands of times over, and nghttp2 checks each of
    /// them as long as somebody listens.
    @unsafe mutating func append(
        name: UnsafePointer<UInt8>, _ nameLength: Int, value: UnsafePointer<UInt8>, _ valueLength: Int
    ) -> Bool {
        let isOver = size > limit
        size += nameLength + valueLength + 32
        if isOver { return size <= FieldBlock.tolerance * limit }
        let length = FieldBlock.prefixLength + nameLength + valueLength
        if unsafe length > memory.count - used { grow(by: length) }
        let entry = unsafe memory.baseAddress.unsafelyUnwrapped + used
        unsafe entry.storeBytes(of: UInt32(nameLength), as: UInt32.self)
        unsafe entry.storeBytes(of: UInt32(valueLength), toByteOffset: 4, as: UInt32.self)
        unsafe (entry + 8).copyMemory(from: name, byteCount: nameLength)
        unsafe (entry + 8 + nameLength).copyMemory(from: value, byteCount: valueLength)
        used += length
        return true
    }

    private mutating func grow(by length: Int) {
        let larger = unsafe UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(2 * memory.count, used + length), alignment: 1)
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<used]))
        unsafe memory.deallocate()
        unsafe memory = larger
    }

    mutating func removeAll() {
        size = 0
        used = 0
    }

    package borrowing func forEach(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        var position = 0
        while position < used {
            let entry = unsafe UnsafeRawPointer(memory.baseAddress.unsafelyUnwrapped) + position
            let nameLength = unsafe Int(entry.loadUnaligned(as: UInt32.self))
            let valueLength = unsafe Int(entry.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            let name = unsafe (entry + 8).assumingMemoryBound(to: UInt8.self)
            unsafe body(
                Span(_unsafeStart: name, count: nameLength), Span(_unsafeStart: name + nameLength, count: valueLength))
            position += FieldBlock.prefixLength + nameLength + valueLength
        }
    }
}
