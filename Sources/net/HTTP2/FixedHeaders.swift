import CNghttp2

/// A block that many streams send as it is: made ready once, and neither laid out nor copied for each of them.
///
/// nghttp2 copies every name, putting it into lower case byte by byte, and every value, unless told that they stay: that
/// was 3 % of a unary call's instructions. A session keeps those that it has sent, so they stay as long as it does; they are
/// meant to be as few as a program has kinds of answers. Names are in lower case, as in any `HeaderBlock`.
@safe package final class FixedHeaders: Sendable {
    /// The same, to add to.
    package let block: HeaderBlock
    // Written by nobody once they are made.
    nonisolated(unsafe) private let memory: UnsafeMutablePointer<UInt8>
    nonisolated(unsafe) private let fields: UnsafeMutablePointer<nghttp2_nv>
    private let count: Int

    package init(_ block: HeaderBlock) {
        self.block = block
        unsafe (memory, fields, count) = unsafe block.withFields { source, count in
            let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: block.fieldBytes)
            let fields = UnsafeMutablePointer<nghttp2_nv>.allocate(capacity: count)
            let stays = NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue
            var next = unsafe memory
            for index in 0..<count {
                guard var field = unsafe source?[index] else { break }
                unsafe next.update(from: field.name, count: field.namelen)
                unsafe field.name = unsafe next
                unsafe next += field.namelen
                unsafe next.update(from: field.value, count: field.valuelen)
                unsafe field.value = unsafe next
                unsafe next += field.valuelen
                unsafe field.flags |= UInt8(stays)
                unsafe (fields + index).initialize(to: field)
            }
            return unsafe (memory, fields, count)
        }
    }

    deinit {
        unsafe fields.deallocate()
        unsafe memory.deallocate()
    }

    func withFields<Result>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result) -> Result {
        unsafe body(UnsafePointer(fields), count)
    }
}
