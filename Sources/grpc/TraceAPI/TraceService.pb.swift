// Written by protoc-gen-sample from opentelemetry/proto/collector/trace/v1/trace_service.proto: change that, then run `make proto`.

package import Protobuf

/// `opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest`.
package struct ExportTraceServiceRequest: ProtobufMessage {
    package var resourceSpans: [ResourceSpans] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(resourceSpans: [ResourceSpans] = []) {
        self.resourceSpans = resourceSpans
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: resourceSpans.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.repeated(.message(), resourceSpans, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse`.
package struct ExportTraceServiceResponse: ProtobufMessage {
    /// Not all spans were taken.
    package var partialSuccess: ExportTracePartialSuccess?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(partialSuccess: ExportTracePartialSuccess? = nil) {
        self.partialSuccess = partialSuccess
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &partialSuccess)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(partialSuccess, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess`.
package struct ExportTracePartialSuccess: ProtobufMessage {
    package var rejectedSpans: Int64 = 0
    package var errorMessage = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(rejectedSpans: Int64 = 0, errorMessage: String = "") {
        self.rejectedSpans = rejectedSpans
        self.errorMessage = errorMessage
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: rejectedSpans = try reader.int64()
            case 0x12: errorMessage = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(rejectedSpans, field: 1)
        writer.string(errorMessage, field: 2)
        writer.unknown(unknownFields)
    }
}
