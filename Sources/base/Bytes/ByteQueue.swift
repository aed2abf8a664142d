/// Bytes that arrive at one end and leave at the other: pending output, or input that is not yet a whole message.
///
/// Consumed bytes stay at the front of the storage until the queue runs empty or they outweigh what is left, so that
/// taking a message off the front costs no copy.
package struct ByteQueue: Sendable {
    private var storage: [UInt8] = []
    private var head = 0

    package init() {}

    package var count: Int { storage.count - head }
    package var isEmpty: Bool { storage.count == head }

    /// All that has not been consumed.
    package var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { storage.span.extracting(droppingFirst: head) }
    }

    package mutating func append(_ bytes: Span<UInt8>) {
        compactIfWorthwhile()
        storage.append(contentsOf: bytes)
    }

    package mutating func append(_ bytes: [UInt8]) {
        compactIfWorthwhile()
        storage.append(contentsOf: bytes)
    }

    /// Drops `count` bytes from the front; more than there are drops all.
    package mutating func consume(_ count: Int) {
        head = min(head + max(count, 0), storage.count)
        if head == storage.count {
            storage.removeAll(keepingCapacity: storage.capacity <= 64 * 1024)
            head = 0
        }
    }

    /// Moves up to `buffer.count` bytes off the front into `buffer`; returns how many.
    @unsafe package mutating func move(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let count = min(buffer.count, self.count)
        if count == 0 { return 0 }
        _ = unsafe storage.withUnsafeBufferPointer { unsafe buffer.update(fromContentsOf: $0[head..<head + count]) }
        consume(count)
        return count
    }

    package mutating func removeAll() {
        storage = []
        head = 0
    }

    private mutating func compactIfWorthwhile() {
        guard head > 4096, head > storage.count / 2 else { return }
        storage.removeFirst(head)
        head = 0
    }
}

extension Array where Element == UInt8 {
    /// Copies a borrowed span; `append(contentsOf:)` has no overload for one.
    @inlinable
    package mutating func append(contentsOf bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    @inlinable
    package init(copying bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }
}

extension String {
    /// Decodes UTF-8; nil if it is not.
    @inlinable
    package init?(validating bytes: Span<UInt8>) {
        guard let text = try? UTF8Span(validating: bytes) else { return nil }
        self.init(copying: text)
    }
}
