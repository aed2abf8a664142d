// Written by protoc-gen-sample from opentelemetry/proto/trace/v1/trace.proto: change that, then run `make proto`.

package import Protobuf

/// `opentelemetry.proto.trace.v1.ResourceSpans`.
package struct ResourceSpans: ProtobufMessage {
    package var resource: Resource?
    package var scopeSpans: [ScopeSpans] = []
    package var schemaUrl = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(resource: Resource? = nil, scopeSpans: [ScopeSpans] = [], schemaUrl: String = "") {
        self.resource = resource
        self.scopeSpans = scopeSpans
        self.schemaUrl = schemaUrl
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &resource)
            case 0x12: scopeSpans.append(try reader.message())
            case 0x1a: schemaUrl = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(resource, field: 1)
        writer.repeated(.message(), scopeSpans, field: 2)
        writer.string(schemaUrl, field: 3)
        writer.unknown(unknownFields)
    }
}

/// `opentelemetry.proto.trace.v1.ScopeSpans`.
package struct ScopeSpans: ProtobufMessage {
    package var scope: InstrumentationScope?
    package var spans: [Span] = []
    package var schemaUrl = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(scope: InstrumentationScope? = nil, spans: [Span] = [], schemaUrl: String = "") {
        self.scope = scope
        self.spans = spans
        self.schemaUrl = schemaUrl
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &scope)
            case 0x12: spans.append(try reader.message())
            case 0x1a: schemaUrl = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(scope, field: 1)
        writer.repeated(.message(), spans, field: 2)
        writer.string(schemaUrl, field: 3)
        writer.unknown(unknownFields)
    }
}

/// `opentelemetry.proto.trace.v1.Span`.
package struct Span: ProtobufMessage {
    /// 16 bytes.
    package var traceId: [UInt8] = []
    /// 8 bytes.
    package var spanId: [UInt8] = []
    /// As in W3C's header tracestate.
    package var traceState = ""
    /// Empty for the first span of a trace.
    package var parentSpanId: [UInt8] = []
    package var name = ""
    package var kind: Span.SpanKind = .unspecified
    package var startTimeUnixNano: UInt64 = 0
    package var endTimeUnixNano: UInt64 = 0
    package var attributes: [KeyValue] = []
    package var droppedAttributesCount: UInt32 = 0
    package var events: [Span.Event] = []
    package var droppedEventsCount: UInt32 = 0
    package var links: [Span.Link] = []
    package var droppedLinksCount: UInt32 = 0
    package var status: Status?
    /// The lower eight bits are W3C's trace flags.
    package var flags: UInt32 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        traceId: [UInt8] = [], spanId: [UInt8] = [], traceState: String = "", parentSpanId: [UInt8] = [],
        name: String = "", kind: Span.SpanKind = .unspecified, startTimeUnixNano: UInt64 = 0,
        endTimeUnixNano: UInt64 = 0, attributes: [KeyValue] = [], droppedAttributesCount: UInt32 = 0,
        events: [Span.Event] = [], droppedEventsCount: UInt32 = 0, links: [Span.Link] = [],
        droppedLinksCount: UInt32 = 0, status: Status? = nil, flags: UInt32 = 0
    ) {
        self.traceId = traceId
        self.spanId = spanId
        self.traceState = traceState
        self.parentSpanId = parentSpanId
        self.name = name
        self.kind = kind
        self.startTimeUnixNano = startTimeUnixNano
        self.endTimeUnixNano = endTimeUnixNano
        self.attributes = attributes
        self.droppedAttributesCount = droppedAttributesCount
        self.events = events
        self.droppedEventsCount = droppedEventsCount
        self.links = links
        self.droppedLinksCount = droppedLinksCount
        self.status = status
        self.flags = flags
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: traceId = try reader.data()
            case 0x12: spanId = try reader.data()
            case 0x1a: traceState = try reader.string()
            case 0x22: parentSpanId = try reader.data()
            case 0x2a: name = try reader.string()
            case 0x30: kind = try reader.enumeration()
            case 0x39: startTimeUnixNano = try reader.fixed64()
            case 0x41: endTimeUnixNano = try reader.fixed64()
            case 0x4a: attributes.append(try reader.message())
            case 0x50: droppedAttributesCount = try reader.uint32()
            case 0x5a: events.append(try reader.message())
            case 0x60: droppedEventsCount = try reader.uint32()
            case 0x6a: links.append(try reader.message())
            case 0x70: droppedLinksCount = try reader.uint32()
            case 0x7a: try reader.message(into: &status)
            case 0x85: flags = try reader.fixed32()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.data(traceId, field: 1)
        writer.data(spanId, field: 2)
        writer.string(traceState, field: 3)
        writer.data(parentSpanId, field: 4)
        writer.string(name, field: 5)
        writer.enumeration(kind, field: 6)
        writer.fixed64(startTimeUnixNano, field: 7)
        writer.fixed64(endTimeUnixNano, field: 8)
        writer.repeated(.message(), attributes, field: 9)
        writer.uint32(droppedAttributesCount, field: 10)
        writer.repeated(.message(), events, field: 11)
        writer.uint32(droppedEventsCount, field: 12)
        writer.repeated(.message(), links, field: 13)
        writer.uint32(droppedLinksCount, field: 14)
        writer.message(status, field: 15)
        writer.fixed32(flags, field: 16)
        writer.unknown(unknownFields)
    }

    /// `opentelemetry.proto.trace.v1.Span.SpanKind`.
    package enum SpanKind: ProtobufEnum {
        case unspecified
        case `internal`
        case server
        case client
        case producer
        case consumer
        /// A number that has no name here.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            self =
                switch rawValue {
                case 0: .unspecified
                case 1: .`internal`
                case 2: .server
                case 3: .client
                case 4: .producer
                case 5: .consumer
                default: .unrecognized(rawValue)
                }
        }

        package var rawValue: Int32 {
            switch self {
            case .unspecified: 0
            case .`internal`: 1
            case .server: 2
            case .client: 3
            case .producer: 4
            case .consumer: 5
            case .unrecognized(let number): number
            }
        }
    }

    /// `opentelemetry.proto.trace.v1.Span.Event`.
    package struct Event: ProtobufMessage {
        package var timeUnixNano: UInt64 = 0
        package var name = ""
        package var attributes: [KeyValue] = []
        package var droppedAttributesCount: UInt32 = 0
        package var unknownFields: [UInt8] = []

        package init() {}

        package init(
            timeUnixNano: UInt64 = 0, name: String = "", attributes: [KeyValue] = [], droppedAttributesCount: UInt32 = 0
        ) {
            self.timeUnixNano = timeUnixNano
            self.name = name
            self.attributes = attributes
            self.droppedAttributesCount = droppedAttributesCount
        }

        package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 0x09: timeUnixNano = try reader.fixed64()
                case 0x12: name = try reader.string()
                case 0x1a: attributes.append(try reader.message())
                case 0x20: droppedAttributesCount = try reader.uint32()
                default: try reader.keep(in: &unknownFields)
                }
            }
        }

        package func write(to writer: inout ProtobufWriter) {
            writer.fixed64(timeUnixNano, field: 1)
            writer.string(name, field: 2)
            writer.repeated(.message(), attributes, field: 3)
            writer.uint32(droppedAttributesCount, field: 4)
            writer.unknown(unknownFields)
        }
    }

    /// `opentelemetry.proto.trace.v1.Span.Link`.
    package struct Link: ProtobufMessage {
        package var traceId: [UInt8] = []
        package var spanId: [UInt8] = []
        package var traceState = ""
        package var attributes: [KeyValue] = []
        package var droppedAttributesCount: UInt32 = 0
        package var flags: UInt32 = 0
        package var unknownFields: [UInt8] = []

        package init() {}

        package init(
            traceId: [UInt8] = [], spanId: [UInt8] = [], traceState: String = "", attributes: [KeyValue] = [],
            droppedAttributesCount: UInt32 = 0, flags: UInt32 = 0
        ) {
            self.traceId = traceId
            self.spanId = spanId
            self.traceState = traceState
            self.attributes = attributes
            self.droppedAttributesCount = droppedAttributesCount
            self.flags = flags
        }

        package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 0x0a: traceId = try reader.data()
                case 0x12: spanId = try reader.data()
                case 0x1a: traceState = try reader.string()
                case 0x22: attributes.append(try reader.message())
                case 0x28: droppedAttributesCount = try reader.uint32()
                case 0x35: flags = try reader.fixed32()
                default: try reader.keep(in: &unknownFields)
                }
            }
        }

        package func write(to writer: inout ProtobufWriter) {
            writer.data(traceId, field: 1)
            writer.data(spanId, field: 2)
            writer.string(traceState, field: 3)
            writer.repeated(.message(), attributes, field: 4)
            writer.uint32(droppedAttributesCount, field: 5)
            writer.fixed32(flags, field: 6)
            writer.unknown(unknownFields)
        }
    }
}

/// `opentelemetry.proto.trace.v1.Status`.
package struct Status: ProtobufMessage {
    package var message = ""
    package var code: Status.StatusCode = .unset
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(message: String = "", code: Status.StatusCode = .unset) {
        self.message = message
        self.code = code
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x12: message = try reader.string()
            case 0x18: code = try reader.enumeration()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(message, field: 2)
        writer.enumeration(code, field: 3)
        writer.unknown(unknownFields)
    }

    /// `opentelemetry.proto.trace.v1.Status.StatusCode`.
    package enum StatusCode: ProtobufEnum {
        case unset
        case ok
        case error
        /// A number that has no name here.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            self =
                switch rawValue {
                case 0: .unset
                case 1: .ok
                case 2: .error
                default: .unrecognized(rawValue)
                }
        }

        package var rawValue: Int32 {
            switch self {
            case .unset: 0
            case .ok: 1
            case .error: 2
            case .unrecognized(let number): number
            }
        }
    }
}
