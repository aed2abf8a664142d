import Addresses
package import RPCCore
package import RPCServer
import System
package import Telemetry

/// Makes a span of each call that a server got, under gRFC A72's name, `Recv.<service>.<method>`; of health and reflection,
/// which probes and tools ask all the time, it makes none. One for each loop.
package final class ServerSpans: ServerTracer, ServerCallTracer {
    private let spans: LoopSpans
    private let sampler: TraceSampler
    private let names = SpanNames()

    /// On the loop that `spans` are of.
    package init(_ spans: LoopSpans, sampler: TraceSampler) {
        self.spans = spans
        self.sampler = sampler
    }

    package func callBegan(_ call: ServerContext) -> (any ServerCallTracer)? {
        call.route?.isApplication == false ? nil : self
    }

    package func callEnded(_ call: ServerContext, _ summary: CallSummary) {
        let metadata = call.metadata
        // Of two nobody can say which is meant.
        let parent = metadata.single("traceparent").flatMap(TraceContext.init)
        let context =
            parent.map { $0.child(using: &spans.generator) } ?? TraceContext.start(using: &spans.generator)
        guard sampler.records(context.traceID, parent: parent) else { return }
        let names = call.route.map { self.names.names(of: $0.method) }
        var attributes = [
            RPCAttributes.system,
            // Whatever the client made up is no name of a method.
            names?.method ?? SpanRecord.Attribute("rpc.method", .text("_OTHER")),
            RPCAttributes.status(summary.status),
        ]
        attributes.reserveCapacity(6)
        if let peer = call.peer { RPCAttributes.append(peer, to: &attributes) }
        if summary.status != .ok {
            attributes.append(SpanRecord.Attribute("error.type", .text(summary.status.name)))
        }
        spans.add(
            SpanRecord(
                names?.received ?? "Recv._OTHER", .server, context.sampled(true), parentID: parent?.parentID,
                hasRemoteParent: parent != nil,
                state: parent == nil ? nil : TraceState.read(metadata.values("tracestate")),
                end: WallClock.nanoseconds, duration: summary.duration, attributes: attributes,
                outcome: SpanRecord.Outcome(summary.status)))
    }
}
