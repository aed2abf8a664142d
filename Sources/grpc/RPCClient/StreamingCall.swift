import Events
import RPCCore
import RPCTransport

/// A call that any number of messages answers, each handed out when it is asked for. Loop thread only.
final class StreamingCall: PendingCall {
    private enum Outcome {
        case none
        case ended(RPCError?)
    }

    private var queue = ReplyQueue()
    private var outcome = Outcome.none
    private var waiter: Completion<Void>?

    /// The next message; nil at the end of an answer whose status is OK.
    func next() async throws(RPCError) -> [UInt8]? {
        if Task.isCancelled { cancel() }
        while true {
            if let (message, freed) = queue.take() {
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

    override func received(_ message: consuming [UInt8]) { queue.append(message) }

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
