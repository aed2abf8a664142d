package import Addresses
package import HTTP
package import Telemetry

/// A request with its whole body, as a handler gets it.
package struct HTTPRequest: Sendable {
    package var head: HTTPRequestHead
    package var body: [UInt8]
    /// Who sent it: the other end of the connection, which may be a proxy.
    package var peer: SocketAddress?
    package var trace: RequestTrace

    package init(head: HTTPRequestHead, body: [UInt8] = [], peer: SocketAddress? = nil, trace: RequestTrace) {
        self.head = head
        self.body = body
        self.peer = peer
        self.trace = trace
    }
}

extension RequestTrace {
    package init(
        _ fields: HTTPFields, sampler: TraceSampler? = nil, using generator: inout some RandomNumberGenerator
    ) {
        self.init(
            parents: fields.values("traceparent"), states: fields.values("tracestate"),
            requestID: fields["x-request-id"], sampler: sampler, using: &generator)
    }
}
