import Events

/// Runs the handlers of one loop.
///
/// Calls that one read completes are worked through by a single task that starts at once, on the loop, without a hop:
/// measured, a task per call costs about a fifth more CPU per call. A handler that really suspends keeps its task for
/// itself, and a fresh one takes over the rest; so no handler waits for another, and cancelling a call's task cancels
/// nothing else. Loop thread only.
final class RequestWorker {
    private let loop: EventLoop
    private var ready: [ServerCall] = []
    private var next = 0
    /// Counts tasks: one whose number is no longer the current is left with the call that suspended it.
    private var epoch = 0
    private var running: ServerCall?

    init(on loop: EventLoop) {
        self.loop = loop
    }

    func add(_ call: ServerCall) { ready.append(call) }

    /// Works until each call that is ready has ended or suspended.
    func run() {
        while next < ready.count {
            epoch += 1
            let mine = epoch
            let worker = LoopBound(self, on: loop)
            let task = loop.startTask { await worker.value.work(mine) }
            // Still set: the handler has suspended, and `task` is now that call's own.
            running?.task = task
            running = nil
            epoch += 1
        }
        ready.removeAll(keepingCapacity: true)
        next = 0
    }

    /// The same in a turn of its own: the caller may be within a handler.
    func runSoon() {
        guard next < ready.count else { return }
        let worker = LoopBound(self, on: loop)
        loop.execute { worker.value.run() }
    }

    private func work(_ mine: Int) async {
        while mine == epoch, next < ready.count {
            let call = ready[next]
            next += 1
            running = call
            await call.handle()
            running = nil
        }
    }
}
