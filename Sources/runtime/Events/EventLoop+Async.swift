extension EventLoop {
    /// Waits without blocking the loop. Call it from a task on this loop; throws when that task is cancelled.
    package func sleep(for duration: Duration) async throws(CancellationError) {
        preconditionCurrent()
        let nap = Nap(on: self)
        let bound = LoopBound(nap, on: self)
        let finished = await withTaskCancellationHandler {
            await unsafe withUnsafeContinuation { (continuation: UnsafeContinuation<Bool, Never>) in
                unsafe bound.value.begin(continuation, for: duration)
            }
        } onCancel: {
            self.executeHereOrLater { bound.value.end(finished: false) }
        }
        if !finished { throw CancellationError() }
    }

    /// Runs a function on the loop from a task elsewhere and waits for its result.
    package func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await unsafe withUnsafeContinuation { (continuation: UnsafeContinuation<Result, Never>) in
            execute { unsafe continuation.resume(returning: body()) }
        }
    }

    /// At once when the caller is on the loop, else in a later turn.
    package func executeHereOrLater(_ work: @escaping @Sendable () -> Void) {
        if isCurrent { work() } else { execute(work) }
    }

    /// Starts a task whose nonisolated code runs on this loop, at once and up to its first suspension. Loop thread.
    @discardableResult
    package func startTask(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        preconditionCurrent()
        return Task.immediateDetached(executorPreference: self) { await body() }
    }
}

/// One `sleep`: ends once, by its timer or by cancellation.
@safe private final class Nap {
    private let loop: EventLoop
    private var continuation: UnsafeContinuation<Bool, Never>?
    private var timer: Timer?
    private var ended = false

    init(on loop: EventLoop) {
        self.loop = loop
    }

    func begin(_ continuation: UnsafeContinuation<Bool, Never>, for duration: Duration) {
        if ended { return unsafe continuation.resume(returning: false) }
        unsafe self.continuation = unsafe continuation
        let timer = Timer(on: loop) { self.end(finished: true) }
        timer.schedule(after: duration)
        self.timer = timer
    }

    func end(finished: Bool) {
        if ended { return }
        ended = true
        timer?.cancel()
        timer = nil
        if let continuation = unsafe continuation { unsafe continuation.resume(returning: finished) }
        unsafe continuation = nil
    }
}
