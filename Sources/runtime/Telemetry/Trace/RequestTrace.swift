import Bytes

/// What ties one request's traces in several logs together.
package struct RequestTrace: Equatable, Sendable {
    /// This service's own operation within the trace that the client named, or within a new one.
    package let context: TraceContext
    /// The operation of the client's that asked; nil if the trace begins here.
    package let parentID: UInt64?
    /// The field `tracestate`, several as one, as `TraceState` reads it; nil without a valid `traceparent` (W3C Trace Context,
    /// section 3.3). All visible ASCII and spaces, which is what gRPC's metadata may hold.
    package let state: String?
    /// The field `X-Request-Id` as it came; the trace's id if there was none, or one that is not 1 to 128 letters,
    /// digits and `-._+/=:`.
    package let requestID: String

    /// What a client may choose as its request's id: it goes into logs and further requests.
    private static let longestID = 128

    /// From the values of a request's fields `traceparent`, `tracestate` and `X-Request-Id`. Of two parents nobody can say
    /// which is meant: the trace begins anew, as W3C's test suite has it (`test_traceparent_duplicated`). Without a sampler
    /// nobody records anything here, and what the client said of it is passed on.
    package init(
        parents: [String], states: @autoclosure () -> [String], requestID: String?, sampler: TraceSampler? = nil,
        using generator: inout some RandomNumberGenerator
    ) {
        let parent = parents.count == 1 ? parents.first.flatMap(TraceContext.init) : nil
        var context: TraceContext
        if let parent {
            context = parent.child(using: &generator)
            state = TraceState.read(states())
        } else {
            context = TraceContext.start(using: &generator)
            state = nil
        }
        if let sampler { context = context.sampled(sampler.records(context.traceID, parent: parent)) }
        self.context = context
        parentID = parent?.parentID
        // Once: a request's log line, its answer and its calls all want it.
        self.requestID = requestID.flatMap { RequestTrace.isAcceptable($0) ? $0 : nil } ?? context.traceIDText
    }

    private static func isAcceptable(_ id: String) -> Bool {
        (1...longestID).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case _ where byte.isASCIILetter || byte.isASCIIDigit: true
                case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "/"),
                    UInt8(ascii: "="), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
    }
}
