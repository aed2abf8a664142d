import Events
import HTTP
import Timing

/// What a connection waits for its peer to do, and until when. Loop thread only.
final class PeerWait {
    enum Reason: Equatable {
        /// For the first byte of the connection's first request, or of the next one.
        case request
        case header
        case body
        /// For the peer to take the output.
        case output
        case nothing
    }

    private(set) var reason = Reason.nothing
    private var deadline = Instant.distantFuture
    private let loop: EventLoop
    private let expired: (Reason) -> Void
    private lazy var timer = Timer(on: loop) { [weak self] in self?.timerFired() }

    init(on loop: EventLoop, expired: @escaping (Reason) -> Void) {
        self.loop = loop
        self.expired = expired
    }

    /// Starts a wait, unless it is the one that is running: bytes that trickle in do not prolong it.
    func start(_ reason: Reason, _ time: Duration) {
        guard self.reason != reason else { return }
        self.reason = reason
        deadline = loop.now + time
        // An earlier timer finds out when it fires; so a busy connection hardly ever touches the heap.
        if deadline < timer.deadline { timer.schedule(at: deadline) }
    }

    /// Starts it in any case.
    func restart(_ reason: Reason, _ time: Duration) {
        stop()
        start(reason, time)
    }

    func stop() {
        reason = .nothing
        deadline = .distantFuture
    }

    /// Nothing is called any more.
    func end() {
        stop()
        timer.cancel()
    }

    private func timerFired() {
        guard reason != .nothing else { return }
        if loop.now < deadline { timer.schedule(at: deadline) } else { expired(reason) }
    }
}

extension HTTP1Error {
    /// 408: the peer did not send this part of its request in time.
    static func incomplete(_ part: String, after time: Duration) -> HTTP1Error {
        HTTP1Error(.requestTimeout, "the \(part) was not complete after \(DurationText.format(time))")
    }
}
