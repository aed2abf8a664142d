import Glibc

extension Span where Element == UInt8 {
    /// Whether these are exactly the bytes of `text`.
    package func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return unsafe withUnsafeBytes { bytes in
            // An empty span has no address.
            guard let base = bytes.baseAddress else { return true }
            return unsafe memcmp(base, text.utf8Start, count) == 0
        }
    }

    package func starts(with text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount && extracting(first: text.utf8CodeUnitCount).equals(text)
    }

    package func ends(with text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount && extracting(last: text.utf8CodeUnitCount).equals(text)
    }

    package func equals(_ other: [UInt8]) -> Bool { equals(other.span) }

    /// Whether these are exactly the bytes of `other`.
    package func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBytes { bytes in
            unsafe other.withUnsafeBytes { other in
                guard let left = bytes.baseAddress, let right = other.baseAddress else { return true }
                return unsafe memcmp(left, right, count) == 0
            }
        }
    }
}

extension StaticString {
    /// The bytes of the literal, which live as long as the program.
    package var bytes: Span<UInt8> {
        @_lifetime(immortal)
        get {
            let span = unsafe Span<UInt8>(_unsafeStart: utf8Start, count: utf8CodeUnitCount)
            return unsafe _overrideLifetime(span, copying: ())
        }
    }
}
