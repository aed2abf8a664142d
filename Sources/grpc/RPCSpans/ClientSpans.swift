import Addresses
import Bytes
package import Events
package import RPCClient
package import RPCCore
import System
package import Telemetry
import Timing

/// Makes spans of a channel's calls, and of each call's attempts, under the names of gRFC A72: `Sent.<service>.<method>` and,
/// inside it, `Attempt.<service>.<method>`, whose id is the one that goes to the server. One for each channel.
///
/// A72 leaves the kinds open. The attempt is the CLIENT here, as OpenTelemetry has it for what is one request on the wire,
/// and as those want it who draw services from pairs of CLIENT and SERVER; the call around it is INTERNAL. Events for messages
/// (A72 has them) are not made: a stream may have any number of them, and their bytes are in the figures of gRFC A66.
package final class ClientSpans: ClientTracer {
    private let loop: EventLoop
    private let spans: LoopSpans
    private let names = SpanNames()
    /// The whole of those that are asked, by the target's name.
    private let server: SpanRecord.Attribute

    /// On the channel's loop, which is `spans`' as well. `server` is the host that the target names, as it stands.
    package init(_ spans: LoopSpans, server: String, on loop: EventLoop) {
        self.spans = spans
        self.loop = loop
        self.server = SpanRecord.Attribute("server.address", .text(server))
    }

    /// A call without a valid `traceparent`, with several, or with one that says that nobody records, is none of ours:
    /// whoever calls on behalf of a request says which.
    package func callBegan(_ method: MethodDescriptor, _ metadata: Metadata) -> (any ClientCallTracer)? {
        guard let parent = metadata.single("traceparent").flatMap(TraceContext.init), parent.isSampled else {
            return nil
        }
        let state = TraceState.read(metadata.values("tracestate"))
        return Call(names.names(of: method), server, parent, state: state, spans, loop)
    }

    private final class Call: ClientCallTracer {
        private let names: SpanNames.Names
        private let server: SpanRecord.Attribute
        private let parentID: UInt64
        private let context: TraceContext
        private let state: String?
        private let spans: LoopSpans
        private let loop: EventLoop
        private let began: Instant
        /// When the first attempt began, if the target had to be resolved first.
        private var resolved: Int64?
        private var attempts = 0
        private var transparentRetries = 0

        init(
            _ names: SpanNames.Names, _ server: SpanRecord.Attribute, _ parent: TraceContext, state: String?,
            _ spans: LoopSpans, _ loop: EventLoop
        ) {
            self.names = names
            self.server = server
            self.state = state
            self.spans = spans
            self.loop = loop
            parentID = parent.parentID
            context = parent.child(using: &spans.generator)
            began = loop.now
        }

        func attemptBegan() -> (any ClientAttemptTracer)? {
            // In the same turn of the loop nothing was waited for.
            if attempts == 0, loop.now != began { resolved = WallClock.nanoseconds }
            attempts += 1
            return Attempt(of: self)
        }

        func ended(_ status: StatusCode, _ duration: Duration) {
            var span = SpanRecord(
                names.sent, .internal, context, parentID: parentID, state: state, end: WallClock.nanoseconds,
                duration: duration,
                attributes: [RPCAttributes.system, names.method, RPCAttributes.status(status), server],
                outcome: SpanRecord.Outcome(status))
            if status != .ok { span.attributes.append(SpanRecord.Attribute("error.type", .text(status.name))) }
            if let resolved { span.events.append(SpanRecord.Event("Delayed name resolution complete", at: resolved)) }
            spans.add(span)
        }

        /// Ends before the call does.
        private final class Attempt: ClientAttemptTracer {
            private let call: Call
            private let context: TraceContext
            private let began: Instant
            private var previous = 0
            private var isTransparent = false
            private var address: SocketAddress?
            /// When a connection was there, if it had to be waited for.
            private var picked: Int64?

            init(of call: Call) {
                self.call = call
                context = call.context.child(using: &call.spans.generator)
                began = call.loop.now
            }

            func repeats(_ retries: Int, transparently: Int) {
                previous = retries
                isTransparent = transparently > call.transparentRetries
                call.transparentRetries = transparently
            }

            func sending(to address: SocketAddress, adding metadata: inout Metadata) {
                if call.loop.now != began { picked = WallClock.nanoseconds }
                self.address = address
                var text: [UInt8] = []
                text.reserveCapacity(TraceContext.byteCount)
                context.append(to: &text)
                metadata.append(key: ("traceparent" as StaticString).bytes, value: text.span)
            }

            func ended(_ summary: CallSummary) {
                var attributes = [
                    RPCAttributes.system, call.names.method, RPCAttributes.status(summary.status), call.server,
                    SpanRecord.Attribute("previous-rpc-attempts", .number(Int64(previous))),
                    SpanRecord.Attribute("transparent-retry", .flag(isTransparent)),
                ]
                attributes.reserveCapacity(9)
                if let address { RPCAttributes.append(address, to: &attributes) }
                if summary.status != .ok {
                    attributes.append(SpanRecord.Attribute("error.type", .text(summary.status.name)))
                }
                var span = SpanRecord(
                    call.names.attempt, .client, context, parentID: call.context.parentID, state: call.state,
                    end: WallClock.nanoseconds, duration: summary.duration, attributes: attributes,
                    outcome: SpanRecord.Outcome(summary.status))
                if let picked { span.events.append(SpanRecord.Event("Delayed LB pick complete", at: picked)) }
                call.spans.add(span)
            }
        }
    }
}
