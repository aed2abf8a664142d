import CNghttp2
import Glibc

/// Memory for the sessions of one loop: what nghttp2 frees is kept for its next request of about that size.
///
/// nghttp2 allocates and frees eight small blocks a call, dozens of them before the first is freed again, which is more
/// than glibc keeps ready for a thread (7 of a size). Taking a block from these lists or putting it back costs about ten
/// instructions. One thread at a time, as its sessions.
@safe package final class HTTP2Memory {
    /// Blocks grow in steps of so many bytes. Each begins with a header of the same size, so that they are aligned as
    /// malloc's are.
    private static let step = 16
    /// Larger blocks are malloc's own.
    private static let largest = 512
    /// What `keptBytes` stays below, but for one block.
    package static let keepLimit = 1 << 20

    /// What lies before a block: its class, or 0 for one of malloc's own; and, while it is free, the next in its list.
    @unsafe private struct Header {
        var sizeClass: Int
        var next: UnsafeMutableRawPointer?
    }

    private static let classes = largest / step + 1
    private let free: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    /// Bytes that are free, and ready for the next use.
    package private(set) var keptBytes = 0

    package init() {
        unsafe free = .allocate(capacity: HTTP2Memory.classes)
        unsafe free.initialize(repeating: nil, count: HTTP2Memory.classes)
    }

    deinit {
        trim()
        unsafe free.deallocate()
    }

    /// Frees what is kept.
    package func trim() {
        for index in 0..<HTTP2Memory.classes {
            while let block = unsafe free[index] {
                unsafe free[index] = block.load(as: Header.self).next
                unsafe Glibc.free(block)
            }
        }
        keptBytes = 0
    }

    /// nil if there is no memory.
    private func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        let sizeClass = size <= HTTP2Memory.largest ? (size + HTTP2Memory.step - 1) / HTTP2Memory.step : 0
        if sizeClass > 0, let block = unsafe free[sizeClass] {
            unsafe free[sizeClass] = block.load(as: Header.self).next
            keptBytes -= sizeClass * HTTP2Memory.step
            return unsafe block + HTTP2Memory.step
        }
        let capacity = sizeClass > 0 ? sizeClass * HTTP2Memory.step : size
        let (bytes, overflow) = capacity.addingReportingOverflow(HTTP2Memory.step)
        guard !overflow, let block = unsafe malloc(bytes) else { return nil }
        unsafe block.storeBytes(of: Header(sizeClass: sizeClass, next: nil), as: Header.self)
        return unsafe block + HTTP2Memory.step
    }

    private func release(_ pointer: UnsafeMutableRawPointer) {
        let block = unsafe pointer - HTTP2Memory.step
        let sizeClass = unsafe block.load(as: Header.self).sizeClass
        guard sizeClass > 0, keptBytes < HTTP2Memory.keepLimit else { return unsafe Glibc.free(block) }
        unsafe block.storeBytes(of: Header(sizeClass: sizeClass, next: free[sizeClass]), as: Header.self)
        unsafe free[sizeClass] = block
        keptBytes += sizeClass * HTTP2Memory.step
    }

    private func reallocate(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> UnsafeMutableRawPointer? {
        let block = unsafe pointer - HTTP2Memory.step
        let sizeClass = unsafe block.load(as: Header.self).sizeClass
        if sizeClass == 0 {
            let (bytes, overflow) = size.addingReportingOverflow(HTTP2Memory.step)
            guard !overflow, let moved = unsafe realloc(block, bytes) else { return nil }
            return unsafe moved + HTTP2Memory.step
        }
        let capacity = sizeClass * HTTP2Memory.step
        if size <= capacity { return unsafe pointer }
        guard let larger = unsafe allocate(size) else { return nil }
        unsafe larger.copyMemory(from: pointer, byteCount: capacity)
        unsafe release(pointer)
        return unsafe larger
    }

    // MARK: For nghttp2

    /// The callbacks, good as long as this object lives. nghttp2 copies them.
    var functions: nghttp2_mem {
        unsafe nghttp2_mem(
            mem_user_data: Unmanaged.passUnretained(self).toOpaque(), malloc: HTTP2Memory.mallocFunction,
            free: HTTP2Memory.freeFunction, calloc: HTTP2Memory.callocFunction,
            realloc: HTTP2Memory.reallocFunction)
    }

    @inline(__always)
    private static func with<Result>(
        _ context: UnsafeMutableRawPointer?, otherwise: Result, _ body: (HTTP2Memory) -> Result
    ) -> Result {
        guard let context = unsafe context else { return otherwise }
        return unsafe Unmanaged<HTTP2Memory>.fromOpaque(context)._withUnsafeGuaranteedRef { body($0) }
    }

    private static let mallocFunction: nghttp2_malloc = { size, context in
        unsafe with(context, otherwise: nil) { unsafe $0.allocate(size) }
    }

    private static let freeFunction: nghttp2_free = { pointer, context in
        guard let pointer = unsafe pointer else { return }
        unsafe with(context, otherwise: ()) { unsafe $0.release(pointer) }
    }

    private static let callocFunction: nghttp2_calloc = { count, size, context in
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow else { return nil }
        return unsafe with(context, otherwise: nil) {
            let pointer = unsafe $0.allocate(bytes)
            unsafe pointer?.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
            return unsafe pointer
        }
    }

    private static let reallocFunction: nghttp2_realloc = { pointer, size, context in
        unsafe with(context, otherwise: nil) {
            guard let pointer = unsafe pointer else { return unsafe $0.allocate(size) }
            return unsafe $0.reallocate(pointer, size)
        }
    }
}
