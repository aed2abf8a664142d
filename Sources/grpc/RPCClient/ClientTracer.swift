package import Addresses
package import RPCCore
package import RPCTransport

/// Hears of what one channel does: of its calls, for figures (gRFC A66) and spans (A72), and of its connections (A94).
/// Whoever makes a tracer knows the channel's target. Called on the channel's loop, in order, never from two places at
/// once.
package protocol ClientTracer: AnyObject {
    /// False for one that has nothing to do with calls: they go past it. Always the same; true unless it says otherwise.
    var hearsCalls: Bool { get }

    /// A call begins, with its caller's metadata. What is returned hears the rest of it; nil: nobody wants to.
    func callBegan(_ method: MethodDescriptor, _ metadata: Metadata) -> (any ClientCallTracer)?

    /// A connection is ready for calls, and open from now until `disconnected`.
    func connectionAttemptSucceeded()
    /// Not called for an attempt that was given up because its address is no longer wanted.
    func connectionAttemptFailed()
    /// A connection that was ready takes no more calls; those under way may go on.
    func disconnected(_ error: DisconnectError)

    /// The resolver has found something, or failed, which it has done with so many look-ups in all.
    func resolverReported(lookups: Int, hasFailed: Bool)

    /// Something that people want to know of. Never called for a call.
    func channelEvent(_ event: ChannelEvent)
}

/// Hears of one call. It may be the same object for many: what differs is told.
package protocol ClientCallTracer: AnyObject {
    /// The target has been resolved, and a subchannel is about to be picked. What is returned hears the rest of this
    /// attempt. A retry is another one.
    func attemptBegan() -> (any ClientAttemptTracer)?
    /// Once, before `ended`, for a call that had more attempts than one: how many because its retry policy says so, how
    /// many because the one before was certainly not processed, and how long none was under way in between (gRFC A96).
    func retried(_ retries: Int, transparently: Int, delay: Duration)
    /// The last call, just before the caller hears. The duration includes everything: resolution, all attempts.
    func ended(_ status: StatusCode, _ duration: Duration)
}

/// Hears of one attempt of a call. It may be the same object for many: what differs is told.
package protocol ClientAttemptTracer: AnyObject {
    /// At once after the beginning of an attempt that is not the call's first: how many there were because the call's retry
    /// policy says so, and how many because the one before was certainly not processed.
    func repeats(_ retries: Int, transparently: Int)
    /// A subchannel has been picked, and the request is about to go there. What is added to `metadata` goes with this
    /// attempt only: a `traceparent` that names it, for instance, in place of one that the caller gave.
    func sending(to address: SocketAddress, adding metadata: inout Metadata)
    /// The connection has taken a message, of so many bytes without its prefix.
    func messageSent(_ bytes: Int)
    /// The head of the answer.
    func headersReceived()
    func messageReceived(_ bytes: Int)
    /// The last call, once for each attempt that has begun. The duration includes the wait for a connection.
    func ended(_ summary: CallSummary)
}

extension ClientTracer {
    package var hearsCalls: Bool { true }
    package func connectionAttemptSucceeded() {}
    package func connectionAttemptFailed() {}
    package func disconnected(_ error: DisconnectError) {}
    package func resolverReported(lookups: Int, hasFailed: Bool) {}
    package func channelEvent(_ event: ChannelEvent) {}
}

extension ClientCallTracer {
    package func retried(_ retries: Int, transparently: Int, delay: Duration) {}
}

extension ClientAttemptTracer {
    package func repeats(_ retries: Int, transparently: Int) {}
    package func sending(to address: SocketAddress, adding metadata: inout Metadata) {}
    package func messageSent(_ bytes: Int) {}
    package func headersReceived() {}
    package func messageReceived(_ bytes: Int) {}
}

/// Several tracers, as one.
final class CombinedTracer: ClientTracer {
    private let tracers: [any ClientTracer]
    private let callTracers: [any ClientTracer]
    /// If it is one only, which needs no list for each call.
    private let callTracer: (any ClientTracer)?

    /// nil if there are none; a single one as it is.
    static func of(_ tracers: [any ClientTracer]) -> (any ClientTracer)? {
        tracers.count < 2 ? tracers.first : CombinedTracer(tracers)
    }

    private init(_ tracers: [any ClientTracer]) {
        self.tracers = tracers
        let listeners = tracers.filter(\.hearsCalls)
        callTracers = listeners
        callTracer = listeners.count == 1 ? listeners[0] : nil
    }

    var hearsCalls: Bool { !callTracers.isEmpty }

    func callBegan(_ method: MethodDescriptor, _ metadata: Metadata) -> (any ClientCallTracer)? {
        if let callTracer { return callTracer.callBegan(method, metadata) }
        let calls = callTracers.compactMap { $0.callBegan(method, metadata) }
        return calls.count < 2 ? calls.first : Call(calls)
    }

    func connectionAttemptSucceeded() { for tracer in tracers { tracer.connectionAttemptSucceeded() } }
    func connectionAttemptFailed() { for tracer in tracers { tracer.connectionAttemptFailed() } }
    func disconnected(_ error: DisconnectError) { for tracer in tracers { tracer.disconnected(error) } }
    func resolverReported(lookups: Int, hasFailed: Bool) {
        for tracer in tracers { tracer.resolverReported(lookups: lookups, hasFailed: hasFailed) }
    }

    func channelEvent(_ event: ChannelEvent) { for tracer in tracers { tracer.channelEvent(event) } }

    private final class Call: ClientCallTracer {
        private let calls: [any ClientCallTracer]

        init(_ calls: [any ClientCallTracer]) {
            self.calls = calls
        }

        func attemptBegan() -> (any ClientAttemptTracer)? {
            let attempts = calls.compactMap { $0.attemptBegan() }
            return attempts.count < 2 ? attempts.first : Attempt(attempts)
        }

        func retried(_ retries: Int, transparently: Int, delay: Duration) {
            for call in calls { call.retried(retries, transparently: transparently, delay: delay) }
        }

        func ended(_ status: StatusCode, _ duration: Duration) { for call in calls { call.ended(status, duration) } }
    }

    private final class Attempt: ClientAttemptTracer {
        private let attempts: [any ClientAttemptTracer]

        init(_ attempts: [any ClientAttemptTracer]) {
            self.attempts = attempts
        }

        func repeats(_ retries: Int, transparently: Int) {
            for attempt in attempts { attempt.repeats(retries, transparently: transparently) }
        }

        func sending(to address: SocketAddress, adding metadata: inout Metadata) {
            for attempt in attempts { attempt.sending(to: address, adding: &metadata) }
        }

        func messageSent(_ bytes: Int) { for attempt in attempts { attempt.messageSent(bytes) } }
        func headersReceived() { for attempt in attempts { attempt.headersReceived() } }
        func messageReceived(_ bytes: Int) { for attempt in attempts { attempt.messageReceived(bytes) } }
        func ended(_ summary: CallSummary) { for attempt in attempts { attempt.ended(summary) } }
    }
}
