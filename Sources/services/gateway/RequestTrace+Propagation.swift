import Bytes
import HTTPTransport
import RPCCore
import Telemetry

extension RequestTrace {
    /// The fields that tell a backend which request, and which trace, its work belongs to; `context` is the operation that
    /// asks it.
    func fields(as context: TraceContext) -> [(name: String, value: String)] {
        var fields = [(name: "x-request-id", value: requestID), (name: "traceparent", value: "\(context)")]
        if let state { fields.append((name: "tracestate", value: state)) }
        return fields
    }

    /// The same as gRPC metadata, which all of it may be (see `RequestTrace`).
    var metadata: Metadata {
        var metadata = Metadata()
        var parent: [UInt8] = []
        parent.reserveCapacity(55)
        context.append(to: &parent)
        metadata.append(key: ("x-request-id" as StaticString).bytes, value: requestID.utf8.span)
        metadata.append(key: ("traceparent" as StaticString).bytes, value: parent.span)
        if let state { metadata.append(key: ("tracestate" as StaticString).bytes, value: state.utf8.span) }
        return metadata
    }
}
