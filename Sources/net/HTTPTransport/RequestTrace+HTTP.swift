package import HTTP
package import Telemetry

extension RequestTrace {
    package init(_ fields: HTTPFields, using generator: inout some RandomNumberGenerator) {
        self.init(
            parents: fields.values("traceparent"), states: fields.values("tracestate"),
            requestID: fields["x-request-id"], using: &generator)
    }
}
