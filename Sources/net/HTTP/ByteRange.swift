import Bytes

/// Which part of a representation a GET request asks for (RFC 9110 section 14).
///
/// One range is served. A request for several is answered with the whole, which section 14.2 allows: nobody but
/// printers of PDF ever asks, and overlapping ranges are a way to make a server send more than there is.
package enum ByteRange: Equatable, Sendable {
    case whole
    /// At least one byte, all of them there.
    case part(Range<Int>)
    /// 416: nothing of it is there.
    case unsatisfiable

    /// What `fields` of a GET request ask for, of a representation that has `size` bytes. Without Range, with one that
    /// is malformed, or in another unit: the whole.
    package init(_ fields: HTTPFields, size: Int) {
        self = .whole
        guard fields.contains("Range") else { return }
        let values = fields.values("Range")
        guard let value = values.first, values.count == 1 else { return }
        if let range = ByteRange.read(value, size: size) { self = range }
    }

    /// nil unless it is one range of bytes.
    private static func read(_ value: String, size: Int) -> ByteRange? {
        var cursor = FieldCursor(value)
        let unit = cursor.take(while: HTTP1Syntax.isTokenCharacter)
        guard HTTPFields.equalNames(String(decoding: unit, as: UTF8.self), "bytes"), cursor.take("=") else {
            return nil
        }
        cursor.passToMember()
        let first = HTTP1Syntax.decimal(String(decoding: cursor.take(while: \.isASCIIDigit), as: UTF8.self))
        guard cursor.take("-") else { return nil }
        let last = HTTP1Syntax.decimal(String(decoding: cursor.take(while: \.isASCIIDigit), as: UTF8.self))
        cursor.passToMember()
        guard cursor.isAtEnd else { return nil }

        switch (first, last) {
        case (nil, nil): return nil
        case (let first?, let last):
            let end = last ?? .max
            guard first <= end else { return nil }
            return first < size ? .part(first..<(end < size ? end + 1 : size)) : .unsatisfiable
        case (nil, let count?):
            guard count > 0 else { return .unsatisfiable }
            // The last bytes of nothing are the whole of it, and Content-Range has no way to say so.
            return size == 0 ? .whole : .part((count < size ? size - count : 0)..<size)
        }
    }
}
