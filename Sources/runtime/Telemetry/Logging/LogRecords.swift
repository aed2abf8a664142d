package import Addresses

/// One gRPC call, for the log.
package struct CallRecord: Sendable {
    /// `/sample.service.HelloWorld/SayHello`
    package var method: String
    package var peer: SocketAddress?
    /// The status code's name: `DEADLINE_EXCEEDED`.
    package var status: String
    package var duration: Duration
    package var traceID: String?
    package var requestID: String?

    package init(
        method: String, peer: SocketAddress?, status: String, duration: Duration, traceID: String? = nil,
        requestID: String? = nil
    ) {
        self.method = method
        self.peer = peer
        self.status = status
        self.duration = duration
        self.traceID = traceID
        self.requestID = requestID
    }
}

/// One HTTP request, for the log.
package struct RequestRecord: Sendable {
    package var method: String
    /// Path and query as they were sent.
    package var target: String
    package var status: UInt16
    package var duration: Duration
    package var peer: SocketAddress?
    package var trace: TraceContext?
    package var requestID: String?
    /// What was wrong with a request that no handler saw, or why its response was cut off.
    package var problem: String?
    /// Of one that a handler could not answer as it should.
    package var failure: RequestFailure?

    package init(
        method: String, target: String, status: UInt16, duration: Duration, peer: SocketAddress?,
        trace: TraceContext? = nil, requestID: String? = nil, problem: String? = nil, failure: RequestFailure? = nil
    ) {
        self.method = method
        self.target = target
        self.status = status
        self.duration = duration
        self.peer = peer
        self.trace = trace
        self.requestID = requestID
        self.problem = problem
        self.failure = failure
    }
}

/// Why a request failed, for whoever looks after the service.
package struct RequestFailure: Hashable, Sendable {
    /// A gRPC status code's name: `UNAVAILABLE`.
    package var status: String
    package var cause: String
    /// Whose doing it was, by name or address; nil if nobody was reached.
    package var pod: String?

    package init(status: String, cause: String, pod: String? = nil) {
        self.status = status
        self.cause = cause
        self.pod = pod
    }
}
