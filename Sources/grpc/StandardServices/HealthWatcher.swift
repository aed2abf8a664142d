import Events

/// One Watch call's ear: wakes when a status may have changed, or when the call is cancelled. Loop thread only.
final class HealthWatcher {
    let loop: EventLoop
    private var hasNews = false
    private var waiter: Completion<Void>?

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Returns at once if there was news since the last time.
    func next() async {
        if !hasNews {
            let completion = Completion<Void>()
            waiter = completion
            let bound = LoopBound(self, on: loop)
            let loop = loop
            await withTaskCancellationHandler {
                await completion.wait()
            } onCancel: {
                loop.executeHereOrLater { bound.value.wake() }
            }
        }
        hasNews = false
    }

    func wake() {
        hasNews = true
        let completion = waiter
        waiter = nil
        completion?.complete(())
    }
}

extension LoopBound<HealthWatcher> {
    /// From any thread.
    func notify() {
        loop.execute { value.wake() }
    }
}
