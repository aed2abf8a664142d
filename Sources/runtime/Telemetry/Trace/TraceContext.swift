import Bytes

/// The field `traceparent`: which trace a request belongs to, and which operation made it (W3C Trace Context, level 1).
package struct TraceContext: Equatable, Sendable {
    /// Of the field's value, in version 00.
    package static let byteCount = 55

    /// Not zero.
    package let traceID: (high: UInt64, low: UInt64)
    /// The sender's operation; not zero.
    package let parentID: UInt64
    /// Bit 0: the sender records this trace. Of others nothing is known, and they are not passed on (section 3.2.2.5.2).
    package let flags: UInt8

    package init(traceID: (high: UInt64, low: UInt64), parentID: UInt64, flags: UInt8) {
        self.traceID = traceID
        self.parentID = parentID
        self.flags = flags
    }

    /// A trace that starts here. Who records it sets the flag.
    package static func start(using generator: inout some RandomNumberGenerator) -> TraceContext {
        TraceContext(
            traceID: (generator.next(), nonZero(&generator)), parentID: nonZero(&generator), flags: 0)
    }

    /// The context that this service's own requests carry: the same trace, another operation.
    package func child(using generator: inout some RandomNumberGenerator) -> TraceContext {
        TraceContext(traceID: traceID, parentID: TraceContext.nonZero(&generator), flags: flags)
    }

    /// Somebody records this trace.
    package var isSampled: Bool { flags & 1 != 0 }

    /// The same, recorded or not.
    package func sampled(_ isSampled: Bool) -> TraceContext {
        TraceContext(traceID: traceID, parentID: parentID, flags: isSampled ? flags | 1 : flags & ~1)
    }

    private static func nonZero(_ generator: inout some RandomNumberGenerator) -> UInt64 {
        generator.next() | 1
    }

    /// `00-<32 digits>-<16 digits>-<2 digits>`, digits in lower case. A later version may have more behind a dash, which
    /// is ignored; version ff is invalid (section 3.2.2 and 4.3). nil for anything else: the trace then starts anew.
    package init?(_ text: String) {
        let bytes = text.utf8.span
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = TraceContext.number(bytes, 0..<2), version != 0xff,
            bytes.count == 55 || (version != 0 && bytes[55] == dash),
            let high = TraceContext.number(bytes, 3..<19), let low = TraceContext.number(bytes, 19..<35),
            let parent = TraceContext.number(bytes, 36..<52), let flags = TraceContext.number(bytes, 53..<55),
            high | low != 0, parent != 0
        else { return nil }
        self.init(traceID: (high, low), parentID: parent, flags: UInt8(flags & 1))
    }

    private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
        var number: UInt64 = 0
        for index in range {
            // Capitals are invalid here.
            guard !(0x41...0x46).contains(bytes[index]), let digit = Hexadecimal.value(bytes[index]) else { return nil }
            number = number << 4 | UInt64(digit)
        }
        return number
    }

    package static func == (left: TraceContext, right: TraceContext) -> Bool {
        left.traceID == right.traceID && left.parentID == right.parentID && left.flags == right.flags
    }

    /// 32 digits.
    package var traceIDText: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        appendTraceID(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The same, without a text of its own.
    func appendTraceID(to bytes: inout [UInt8]) {
        Hexadecimal.append(traceID.high, to: &bytes)
        Hexadecimal.append(traceID.low, to: &bytes)
    }

    /// Appends the field's value, in version 00: 55 bytes.
    package func append(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: ("00-" as StaticString).bytes)
        Hexadecimal.append(traceID.high, to: &bytes)
        Hexadecimal.append(traceID.low, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Hexadecimal.append(parentID, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(Hexadecimal.lowerDigit(flags >> 4))
        bytes.append(Hexadecimal.lowerDigit(flags))
    }
}

extension TraceContext: CustomStringConvertible {
    /// The field's value.
    package var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(55)
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
