import Events

/// Watches the sockets that c-ares opens, on its behalf. Loop thread only.
final class SocketWatcher {
    /// One socket; epoll does not hand the descriptor to its handler.
    private final class Watched: ReadinessHandler {
        let descriptor: Int32
        unowned let watcher: SocketWatcher
        var registration: Registration?

        init(_ descriptor: Int32, for watcher: SocketWatcher) {
            self.descriptor = descriptor
            self.watcher = watcher
        }

        func descriptorReady(_ readiness: Readiness) { watcher.ready?(descriptor, readiness) }
    }

    private let loop: EventLoop
    private var sockets: [Int32: Watched] = [:]
    var ready: ((Int32, Readiness) -> Void)?

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Waits for what c-ares waits for; for nothing when it is about to close the socket.
    func watch(_ descriptor: Int32, for interest: Readiness) {
        if interest.isEmpty {
            if let registration = sockets.removeValue(forKey: descriptor)?.registration {
                loop.unregister(registration)
            }
        } else if let registration = sockets[descriptor]?.registration {
            loop.modify(registration, to: interest)
        } else {
            let watched = Watched(descriptor, for: self)
            // Fails only for want of kernel memory; the query then times out, which is an error to its asker.
            watched.registration = try? loop.register(descriptor, for: interest, handler: watched)
            sockets[descriptor] = watched
        }
    }
}
