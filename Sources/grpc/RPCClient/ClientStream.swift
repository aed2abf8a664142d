import Events
import LoadBalancing
package import RPCCore

/// A call of any type, message by message, for tasks on the channel's loop.
///
/// It owns the call: when the last reference goes before the call has ended, the server is told to stop (RST_STREAM
/// CANCEL). What nobody receives stays with the server, beyond a window of it (`HTTP2Configuration.initialWindow`); what
/// the server does not take holds up whoever sends. Cancelling a task that waits here cancels the call.
package protocol ClientStream: AnyObject, MessageSource {
    var method: MethodDescriptor { get }

    /// Adds a message to the request, and waits while too much waits for the server. Throws the status of a call that has
    /// failed; false if the server has ended the call with OK already, and wants no more.
    @discardableResult
    func send(_ message: consuming OutgoingMessage) async throws(RPCError) -> Bool
    /// The last message of the request. Nothing waits for it to leave.
    func sendLast(_ message: consuming OutgoingMessage) throws(RPCError)
    /// There is no more of the request.
    func finishSending()

    /// The next message, without its prefix; nil once the server has ended the call with OK. Any other end is thrown,
    /// after the messages that came before it; a deadline that passes, or the cancellation of the task, at once.
    func receive() async throws(RPCError) -> [UInt8]?

    /// Whether the message that was received last had come compressed.
    var replyWasCompressed: Bool { get }

    /// What the server sent ahead of its messages; empty if it sent none of both. Throws if the call fails before.
    func initialMetadata() async throws(RPCError) -> Metadata
    /// Whole once the call has ended; empty before.
    var trailingMetadata: Metadata { get }
    /// nil until the call has ended.
    var status: StatusCode? { get }

    func cancel()
}

extension ClientStream {
    /// The whole of a unary call, whose cardinality the call itself has an eye on.
    func unary(_ request: consuming OutgoingMessage) async throws(RPCError) -> UnaryResponse {
        try sendLast(request)
        var message: [UInt8]?
        while let next = try await receive() { message = next }
        guard let message else { throw RPCError(.internal, "the call ended without an answer") }
        return UnaryResponse(
            message: message, initialMetadata: try await initialMetadata(), trailingMetadata: trailingMetadata)
    }
}

/// Stands around every call of a channel: it may change what the call is begun with, begin it more than once or not at
/// all, and answer with a stream that looks at what passes. A unary call passes as the stream that it is. Retries happen
/// further in: each is for tracers to see, not for interceptors.
package typealias ClientInterceptor = (
    _ method: MethodDescriptor, _ options: CallOptions,
    _ next: (_ method: MethodDescriptor, _ options: CallOptions) -> any ClientStream
) -> any ClientStream

/// The caller's end of a call.
final class CallHandle: ClientStream {
    private let call: LoopBound<ClientCall>

    init(_ call: ClientCall) {
        self.call = LoopBound(call, on: call.loop)
    }

    deinit {
        call.loop.executeHereOrLater { [call] in call.value.cancel() }
    }

    var method: MethodDescriptor { call.value.info.method }
    func send(_ message: consuming OutgoingMessage) async throws(RPCError) -> Bool {
        try await call.value.send(message)
    }
    func sendLast(_ message: consuming OutgoingMessage) throws(RPCError) { try call.value.sendLast(message) }
    func finishSending() { call.value.finishSending() }
    func receive() async throws(RPCError) -> [UInt8]? { try await call.value.receive() }
    var replyWasCompressed: Bool { call.value.replies.lastWasCompressed }
    func initialMetadata() async throws(RPCError) -> Metadata { try await call.value.initialMetadata() }
    var trailingMetadata: Metadata { call.value.trailingMetadata }
    var status: StatusCode? { call.value.status }
    func cancel() { call.value.cancel() }
}
