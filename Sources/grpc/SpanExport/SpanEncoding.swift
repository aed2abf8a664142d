package import Telemetry
package import TraceAPI

extension TraceAPI.Span {
    /// As OTLP has it.
    package init(_ record: SpanRecord) {
        self.init()
        traceId = bytes(record.context.traceID.high) + bytes(record.context.traceID.low)
        spanId = bytes(record.context.parentID)
        if let parentID = record.parentID { parentSpanId = bytes(parentID) }
        traceState = record.state ?? ""
        name = record.name
        kind =
            switch record.kind {
            case .server: .server
            case .client: .client
            case .internal: .internal
            }
        startTimeUnixNano = UInt64(clamping: record.start)
        endTimeUnixNano = UInt64(clamping: record.end)
        attributes = record.attributes.map { KeyValue($0.key, $0.value) }
        events = record.events.map { Event(timeUnixNano: UInt64(clamping: $0.time), name: $0.name) }
        status =
            switch record.outcome {
            case .unset: nil
            case .ok: Status(code: .ok)
            case .error(let description): Status(message: description, code: .error)
            }
        flags = UInt32(record.context.flags) | Self.knowsWhetherRemote | (record.hasRemoteParent ? Self.isRemote : 0)
    }

    /// SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK and SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK.
    private static let knowsWhetherRemote: UInt32 = 0x100
    private static let isRemote: UInt32 = 0x200
}

private func bytes(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
}

extension KeyValue {
    package init(_ key: String, _ value: SpanRecord.Value) {
        let value: AnyValue.Value =
            switch value {
            case .text(let text): .stringValue(text)
            case .number(let number): .intValue(number)
            case .flag(let flag): .boolValue(flag)
            }
        self.init(key: key, value: AnyValue(value: value))
    }
}
