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

    /// Without the blanks at both ends.
    package var trimmed: Span<UInt8> {
        @_lifetime(copy self)
        get {
            var start = 0
            var end = count
            while start < end, self[start] == UInt8(ascii: " ") { start += 1 }
            while start < end, self[end - 1] == UInt8(ascii: " ") { end -= 1 }
            return extracting(start..<end)
        }
    }

    /// Whether every byte is one of 0x20 to 0x7E. Eight at a time (Warren, "Hacker's Delight", section 6-1).
    package var isPrintableASCII: Bool {
        var found: UInt64 = 0
        var position = 0
        while position + 8 <= count {
            let word = word(at: position)
            // Below 0x20 borrows, 0x7F and above carries or has the top bit.
            found |= (word &- 0x2020_2020_2020_2020) | word | (word &+ 0x0101_0101_0101_0101)
            position += 8
        }
        while position < count {
            if !(0x20...0x7E).contains(self[position]) { return false }
            position += 1
        }
        return found & 0x8080_8080_8080_8080 == 0
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
