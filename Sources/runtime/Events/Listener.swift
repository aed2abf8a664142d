package import Addresses
import CLinux
import Glibc
package import System
import Timing

/// A connection that has been accepted but belongs to no loop yet; it may be handed to another thread.
package struct AcceptedConnection: Sendable {
    package let descriptor: Int32
    package let peer: SocketAddress?

    package init(descriptor: Int32, peer: SocketAddress?) {
        self.descriptor = descriptor
        self.peer = peer
    }

    package func discard() { Glibc.close(descriptor) }
}

/// Accepts connections on one address. Loop thread only.
package final class Listener: ReadinessHandler {
    /// Accepting pauses this long when the process is out of descriptors or memory: a level-triggered listener would
    /// otherwise report the same waiting connection for ever.
    private static let exhaustionPause = Duration.milliseconds(100)
    /// A burst is spread over turns, so that accepting does not starve connections that are already served.
    private static let acceptsPerTurn = 64

    /// The address bound, with the real port if 0 was asked for.
    package let address: SocketAddress
    private let loop: EventLoop
    private let descriptor: Int32
    private let accepted: (AcceptedConnection) -> Void
    private var registration: Registration?
    private var retry: Timer?
    private var closed = false

    package init(
        on address: SocketAddress, loop: EventLoop, backlog: Int32 = 1024,
        accepted: @escaping (AcceptedConnection) -> Void
    ) throws(SystemError) {
        loop.preconditionCurrent()
        self.loop = loop
        self.accepted = accepted
        descriptor = try Socket.listen(on: address, backlog: backlog)
        self.address = Socket.localAddress(descriptor) ?? address
        do {
            registration = try loop.register(descriptor, for: .readable, handler: self)
        } catch {
            Glibc.close(descriptor)
            closed = true
            throw error
        }
    }

    /// While true, connections wait in the kernel's backlog.
    package var isPaused = false {
        didSet { updateInterest() }
    }

    /// The process was out of descriptors or memory a moment ago.
    private var isExhausted = false {
        didSet { updateInterest() }
    }

    private func updateInterest() {
        guard let registration else { return }
        loop.modify(registration, to: isPaused || isExhausted ? [] : .readable)
    }

    package func descriptorReady(_ readiness: Readiness) {
        for _ in 0..<Listener.acceptsPerTurn where !isPaused && !isExhausted && !closed {
            var storage = sockaddr_storage()
            var length = socklen_t(0)
            let connection = retryingInterrupted { unsafe clinux_accept(descriptor, &storage, &length) }
            if connection < 0 {
                switch errno {
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: return pauseForResources()
                // The client gave up before it was accepted: look at the next one.
                case ECONNABORTED, EPROTO: continue
                default: return
                }
            }
            Socket.setNoDelay(connection)
            accepted(AcceptedConnection(descriptor: connection, peer: Socket.address(from: storage)))
        }
    }

    private func pauseForResources() {
        isExhausted = true
        let timer = Timer(on: loop) { [weak self] in self?.isExhausted = false }
        timer.schedule(after: Listener.exhaustionPause)
        retry = timer
    }

    /// Stops listening; new connections are refused. A unix path stays for the owner to remove.
    package func close() {
        if closed { return }
        closed = true
        retry?.cancel()
        if let registration { loop.unregister(registration) }
        registration = nil
        // A child that is just being started holds a copy of the descriptor for a moment; this ends them all.
        shutdown(descriptor, Int32(SHUT_RDWR))
        Glibc.close(descriptor)
    }

    deinit { close() }
}
