import Addresses
import Events
import HTTP2
import RPCClient
import RPCCore
import RPCTestSupport
import RPCTransport
import System
import TestSupport
import Testing

/// Writes down what a channel tells its tracer. Loop thread only.
final class ClientTracerRecord: ClientTracer {
    private(set) var events: [String] = []
    private(set) var attempts: [CallSummary] = []
    private(set) var callDurations: [Duration] = []
    /// What passes within the attempts.
    private(set) var details: [String] = []
    /// Of the calls, as their caller gave it.
    private(set) var metadata: [Metadata] = []

    /// Runs when an attempt starts.
    var interfere: () -> Void = {}
    /// Runs when a call begins.
    var interfereBeginning: () -> Void = {}
    /// Runs when an attempt is about to be sent.
    var interfereSending: () -> Void = {}
    /// Runs when a message has arrived.
    var interfereReceiving: () -> Void = {}
    /// Goes with each attempt.
    var added = Metadata()
    /// Whether it wants to hear of calls.
    var isCurious = true

    func callBegan(_ method: MethodDescriptor, _ metadata: Metadata) -> (any ClientCallTracer)? {
        self.metadata.append(metadata)
        interfereBeginning()
        return isCurious ? Call(self, method) : nil
    }

    private final class Call: ClientCallTracer, ClientAttemptTracer {
        private let record: ClientTracerRecord
        private let method: MethodDescriptor

        init(_ record: ClientTracerRecord, _ method: MethodDescriptor) {
            self.record = record
            self.method = method
        }

        func attemptBegan() -> (any ClientAttemptTracer)? {
            record.events.append("attempt of \(method.method)")
            record.interfere()
            return self
        }

        func sending(to address: SocketAddress, adding metadata: inout Metadata) {
            record.details.append("to \(address)")
            record.interfereSending()
            record.added.forEach { metadata.append(key: $0, value: $1) }
        }

        func messageSent(_ bytes: Int) { record.details.append("sent \(bytes)") }
        func headersReceived() { record.details.append("head") }
        func messageReceived(_ bytes: Int) {
            record.details.append("received \(bytes)")
            record.interfereReceiving()
        }

        func ended(_ summary: CallSummary) {
            record.events.append("attempt ended \(summary.status.name)")
            record.attempts.append(summary)
        }

        func ended(_ status: StatusCode, _ duration: Duration) {
            record.events.append("call of \(method.method) ended \(status.name)")
            record.callDurations.append(duration)
        }
    }

    func connectionAttemptSucceeded() { events.append("connected") }
    func connectionAttemptFailed() { events.append("not connected") }
    func disconnected(_ error: DisconnectError) { events.append("disconnected: \(error.label)") }

    /// What has happened since the last time.
    func take() -> [String] {
        defer { events = [] }
        return events
    }

    func seen(_ event: String, on loop: EventLoop) async {
        await poll(event, on: loop) { self.events.contains(event) }
    }
}
