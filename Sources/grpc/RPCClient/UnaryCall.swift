import Events
import RPCCore
import RPCTransport

/// A call that one message answers. Loop thread only.
final class UnaryCall: PendingCall {
    private let completion = Completion<Result<UnaryResponse, RPCError>>()
    private var message = ReceivedMessage([])

    /// Runs the call. Once, from a task on the loop; cancelling the task cancels the call.
    func run() async throws(RPCError) -> UnaryResponse {
        let bound = LoopBound(self, on: loop)
        let loop = loop
        let result = await withTaskCancellationHandler {
            begin()
            return await completion.wait()
        } onCancel: {
            loop.executeHereOrLater { bound.value.cancel() }
        }
        return try result.get()
    }

    override func received(_ message: consuming ReceivedMessage) { self.message = message }

    override func finished(_ error: RPCError?, _ attempt: ClientCall?) {
        guard error == nil, let attempt else {
            return completion.complete(.failure(error ?? RPCError(.internal, "the call ended without an answer")))
        }
        do throws(RPCError) {
            let response = UnaryResponse(
                message: try message.content(), initialMetadata: attempt.initialMetadata,
                trailingMetadata: attempt.trailingMetadata)
            completion.complete(.success(response))
        } catch {
            completion.complete(.failure(error))
        }
    }
}
