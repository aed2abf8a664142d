import Events
import Synchronization

/// A serving loop as the accepting loop sees it: work goes to the loop, and its connections stay there.
final class HTTPServerSeat: Sendable {
    private let loop: EventLoop
    /// Set once on `loop`, before anything else that is sent there.
    private let worker = Mutex<LoopBound<HTTPServerWorker>?>(nil)

    init(on loop: EventLoop) {
        self.loop = loop
    }

    func start(
        configuration: HTTPServerConfiguration, finished: @escaping @Sendable (HTTPAccess) -> Void,
        makeRouter: @escaping @Sendable (EventLoop) -> HTTPRouter, closed: @escaping @Sendable () -> Void
    ) {
        loop.executeHereOrLater { [loop] in
            let worker = HTTPServerWorker(
                on: loop, configuration: configuration, router: makeRouter(loop), finished: finished, closed: closed)
            let bound = LoopBound(worker, on: loop)
            self.worker.withLock { $0 = bound }
        }
    }

    func perform(_ action: @escaping @Sendable (HTTPServerWorker) -> Void) {
        loop.executeHereOrLater {
            if let worker = self.worker.withLock({ $0 }) { action(worker.value) }
        }
    }

    /// Lets go of the worker, which keeps the server alive, once it has no connection.
    func retire() {
        loop.executeHereOrLater { self.worker.withLock { $0 = nil } }
    }

    func adopt(_ connection: AcceptedConnection) {
        perform { $0.adopt(connection) }
    }
}
