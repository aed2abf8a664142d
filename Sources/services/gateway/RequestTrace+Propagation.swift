import HTTPTransport
import RPCCore
import Telemetry

extension RequestTrace {
    /// The fields that tell a backend which request, and which trace, its work belongs to.
    var fields: [(name: String, value: String)] {
        var fields = [(name: "x-request-id", value: requestID), (name: "traceparent", value: "\(context)")]
        if let state { fields.append((name: "tracestate", value: state)) }
        return fields
    }

    /// The same as gRPC metadata, which all of it may be (see `RequestTrace`).
    var metadata: Metadata {
        var metadata = Metadata()
        for field in fields { try? metadata.append(field.name, field.value) }
        return metadata
    }
}
