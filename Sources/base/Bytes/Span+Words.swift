// Inlined into other rooms: each is a few instructions, of which a call would be most.

extension Span where Element == UInt8 {
    /// The eight bytes at `index`, in the machine's order.
    @inlinable
    @inline(__always)
    package func word(at index: Int) -> UInt64 {
        precondition(index >= 0 && index <= count - 8, "a word within the span")
        return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
    }

    /// The four bytes at `index`, the most significant one first.
    @inlinable
    @inline(__always)
    package func bigEndian(at index: Int) -> UInt32 {
        precondition(index >= 0 && index <= count - 4, "four bytes within the span")
        return unsafe UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt32.self))
    }
}

extension OutputSpan where Element == UInt8 {
    /// There must be room for it, as for any other addition.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    package mutating func append(copying source: Span<UInt8>) {
        precondition(source.count <= freeCapacity, "room for what is appended")
        unsafe withUnsafeMutableBufferPointer { buffer, used in
            let rest = unsafe UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[used...]))
            unsafe source.withUnsafeBytes { unsafe rest.copyMemory(from: $0) }
            used += source.count
        }
    }

    /// Eight bytes, the most significant one first.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    package mutating func append(bigEndian value: UInt64) {
        precondition(freeCapacity >= 8, "room for what is appended")
        unsafe withUnsafeMutableBufferPointer { buffer, used in
            let rest = unsafe UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[used...]))
            unsafe rest.storeBytes(of: value.bigEndian, as: UInt64.self)
            used += 8
        }
    }
}
