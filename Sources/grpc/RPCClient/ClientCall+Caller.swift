import Events
import RPCCore
import RPCTransport

/// What a caller asks of a call, from tasks on its loop. Cancelling a task that waits here cancels the call.
extension ClientCall {
    /// The whole of a unary call; once.
    func run(_ request: consuming OutgoingMessage) async throws(RPCError) -> UnaryResponse {
        try sendLast(request)
        let end = Notice()
        receiver = end
        let bound = LoopBound(self, on: loop)
        await withTaskCancellationHandler {
            begin()
            await end.wait()
        } onCancel: {
            bound.loop.executeHereOrLater { bound.value.cancel() }
        }
        if case .ended(let error?) = outcome { throw error }
        guard let answer else { throw RPCError(.internal, "the call ended without an answer") }
        return UnaryResponse(
            message: try reply.content(), initialMetadata: answer.initialMetadata,
            trailingMetadata: answer.trailingMetadata)
    }

    func send(_ message: consuming OutgoingMessage) async throws(RPCError) -> Bool {
        if Task.isCancelled { cancel() }
        guard try isOpen() else { return false }
        try MessageFraming.seal(&message.buffer)
        add(message)
        while isFull {
            let room = Notice()
            senders.append(room)
            admitSenders()
            await wait(for: room)
        }
        return try isOpen()
    }

    func sendLast(_ message: consuming OutgoingMessage) throws(RPCError) {
        // Here, where it has one owner: what is kept of it for another attempt is the same bytes.
        try MessageFraming.seal(&message.buffer)
        add(message)
        finishSending()
    }

    /// Throws the status of a call that has failed; false if it has ended with OK.
    private func isOpen() throws(RPCError) -> Bool {
        switch outcome {
        case .none: return true
        case .ended(nil): return false
        case .ended(let error?): throw error
        }
    }

    func receive() async throws(RPCError) -> [UInt8]? {
        if Task.isCancelled { cancel() }
        while true {
            if let message = try takeReply() { return message }
            guard try isOpen() else { return nil }
            guard receiver == nil else { throw RPCError(.internal, "two tasks read the answer of one call") }
            let change = Notice()
            receiver = change
            release(replies.awaitNext())
            await wait(for: change)
        }
    }

    /// A message that cannot be expanded is the last one: whoever sent it is told to stop.
    private func takeReply() throws(RPCError) -> [UInt8]? {
        do throws(RPCError) {
            guard let (message, freed) = replies.take() else { return nil }
            release(freed)
            return try message.content()
        } catch {
            replies.removeAll()
            abort(error)
            throw error
        }
    }

    func initialMetadata() async throws(RPCError) -> Metadata {
        if Task.isCancelled { cancel() }
        while true {
            if hasHead, let answer { return answer.initialMetadata }
            guard try isOpen() else { return Metadata() }
            let change = Notice()
            metadataWaiters.append(change)
            await wait(for: change)
        }
    }

    var trailingMetadata: Metadata {
        if case .ended = outcome, let answer { answer.trailingMetadata } else { Metadata() }
    }

    var status: StatusCode? {
        switch outcome {
        case .none: nil
        case .ended(let error): error?.code ?? .ok
        }
    }

    private func wait(for change: Notice) async {
        let bound = LoopBound(self, on: loop)
        await withTaskCancellationHandler {
            await change.wait()
        } onCancel: {
            bound.loop.executeHereOrLater { bound.value.cancel() }
        }
    }
}
