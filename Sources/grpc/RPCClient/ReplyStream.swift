import Events
package import RPCCore

/// The answer of a server-streaming call, message by message, for a task on the channel's loop.
///
/// It owns the call: when it goes out of scope before the answer has ended, the server is told to stop (RST_STREAM
/// CANCEL). What nobody asks for stays with the server, beyond a window of it (`HTTP2Configuration.initialWindow`).
package struct ReplyStream: ~Copyable {
    private let call: LoopBound<StreamingCall>

    init(_ call: StreamingCall) {
        self.call = LoopBound(call, on: call.loop)
    }

    /// The next message, without its prefix; nil once the server has ended the call with OK. Any other end is thrown,
    /// after the messages that came before it; a deadline that passes, or the cancellation of the task, at once.
    package mutating func next() async throws(RPCError) -> [UInt8]? {
        try await call.value.next()
    }

    deinit {
        call.loop.executeHereOrLater { [call] in call.value.cancel() }
    }
}
