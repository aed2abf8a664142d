import Bytes

/// Times as JSON has them everywhere here: `2023-11-24T07:30:45.678Z`.
package enum RFC3339 {
    /// In UTC with milliseconds; what is before 1970 or after 9999 is shown as the first or the last second of that.
    package static func format(unixNanoseconds time: Int64) -> String {
        let (seconds, nanoseconds) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        let civil = CivilTime(clamping: seconds)
        return "\(civil.date(separator: "-"))T\(civil.clock)" + end(milliseconds: Int(max(nanoseconds, 0)) / 1_000_000)
    }

    /// `.678Z`
    package static func end(milliseconds: Int) -> String {
        (milliseconds < 10 ? ".00" : milliseconds < 100 ? ".0" : ".") + "\(milliseconds)Z"
    }

    /// Nanoseconds since 1970; nil if the text is no such time. Any number of decimals is taken, `+01:00` as well as `Z`,
    /// a blank in the place of the T (as section 5.6 allows), and `+0100` as ISO 8601 has it.
    package static func parse(_ text: String) -> Int64? {
        var text = TimeText(text.utf8.span)
        guard let time = text.rfc3339(), text.isAtEnd else { return nil }
        return time
    }
}

/// Reads the parts of a written time, one after the other. Each answers nil if something else stands there.
package struct TimeText: ~Escapable {
    private let text: Span<UInt8>
    package private(set) var position: Int

    @_lifetime(copy text)
    package init(_ text: Span<UInt8>, at position: Int = 0) {
        self.text = text
        self.position = position
    }

    package var isAtEnd: Bool { position >= text.count }

    package func isNext(_ byte: UInt8) -> Bool { position < text.count && text[position] == byte }

    package mutating func skip(_ byte: UInt8) -> Bool {
        guard isNext(byte) else { return false }
        position += 1
        return true
    }

    /// A number of exactly so many digits.
    package mutating func number(digits: Int) -> Int? {
        guard position + digits <= text.count,
            let number = Decimal.number(text.extracting(position..<position + digits))
        else { return nil }
        position += digits
        return number
    }

    /// The first second of a day, with this byte between year, month and day.
    package mutating func date(separator: UInt8) -> Int64? {
        guard let year = number(digits: 4), skip(separator), let month = number(digits: 2), skip(separator),
            let day = number(digits: 2)
        else { return nil }
        return CivilTime(year: year, month: month, day: day)?.unixSeconds
    }

    /// Seconds since midnight: `07:30:45`. A leap second, `:60`, is the second after.
    package mutating func clock() -> Int64? {
        guard let hour = number(digits: 2), skip(UInt8(ascii: ":")), let minute = number(digits: 2),
            skip(UInt8(ascii: ":")), let second = number(digits: 2), hour < 24, minute < 60, second <= 60
        else { return nil }
        return Int64(hour * 3_600 + minute * 60 + second)
    }

    /// Nanoseconds: `.678`; 0 if there are no decimals.
    package mutating func decimals() -> Int64 {
        guard isNext(UInt8(ascii: ".")) || isNext(UInt8(ascii: ",")), position + 1 < text.count,
            text[position + 1].isASCIIDigit
        else { return 0 }
        position += 1
        var (nanoseconds, unit) = (Int64(0), Int64(100_000_000))
        while position < text.count, text[position].isASCIIDigit {
            nanoseconds += Int64(text[position] - UInt8(ascii: "0")) * unit
            unit /= 10
            position += 1
        }
        return nanoseconds
    }

    /// Seconds east of Greenwich: `Z`, `+01:00` or `+0100`.
    package mutating func offset() -> Int64? {
        if skip(UInt8(ascii: "Z")) || skip(UInt8(ascii: "z")) { return 0 }
        let sign: Int64 = isNext(UInt8(ascii: "-")) ? -1 : 1
        guard skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-")), let hours = number(digits: 2) else { return nil }
        _ = skip(UInt8(ascii: ":"))
        guard let minutes = number(digits: 2) else { return nil }
        return sign * Int64(hours * 3_600 + minutes * 60)
    }

    /// Nanoseconds since 1970.
    package mutating func rfc3339() -> Int64? {
        guard let date = date(separator: UInt8(ascii: "-")),
            skip(UInt8(ascii: "T")) || skip(UInt8(ascii: "t")) || skip(UInt8(ascii: " ")), let clock = clock()
        else { return nil }
        let nanoseconds = decimals()
        guard let offset = offset() else { return nil }
        return TimeText.join(date + clock - offset, nanoseconds)
    }

    /// nil if 64 bits do not reach it, which is so after the year 2262.
    package static func join(_ seconds: Int64, _ nanoseconds: Int64) -> Int64? {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow2) = product.addingReportingOverflow(nanoseconds)
        return overflow || overflow2 ? nil : sum
    }
}
