import Events
package import RPCCore
import RPCTransport

/// A call that any number of messages answers, each handed out when it is asked for. Loop thread only.
final class StreamingCall: PendingCall {
    private enum Outcome {
        case none
        case ended(RPCError?)
    }

    private var queue = MessageQueue()
    private var outcome = Outcome.none
    private var waiter: Completion<Void>?

    /// The next message; nil at the end of an answer whose status is OK.
    func next() async throws(RPCError) -> [UInt8]? {
        if Task.isCancelled { cancel() }
        while true {
            if let (message, _, freed) = try queue.take() {
                release(freed)
                return message
            }
            if case .ended(let error) = outcome {
                if let error { throw error }
                return nil
            }
            guard waiter == nil else { throw RPCError(.internal, "two tasks read the answer of one call") }
            await change()
        }
    }

    /// Waits until a message has arrived or the call has ended.
    private func change() async {
        let change = Completion<Void>()
        waiter = change
        release(queue.awaitNext())
        let bound = LoopBound(self, on: loop)
        let loop = loop
        await withTaskCancellationHandler {
            await change.wait()
        } onCancel: {
            loop.executeHereOrLater { bound.value.cancel() }
        }
    }

    private func wake() {
        let waiter = waiter
        self.waiter = nil
        waiter?.complete(())
    }

    override func received(_ message: consuming ReceivedMessage) { queue.append(message) }

    override func received(dataBytes count: Int) {
        queue.receive(dataBytes: count)
        guard waiter != nil else { return }
        if queue.isEmpty { release(queue.awaitNext()) } else { wake() }
    }

    override func finished(_ error: RPCError?, _ attempt: ClientCall?) {
        outcome = .ended(error)
        // Whoever has given the call up hears of that first.
        if isAborted { queue.removeAll() }
        wake()
    }
}

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
