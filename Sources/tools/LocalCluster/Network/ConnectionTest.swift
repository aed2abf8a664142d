import Addresses
import Events
import System
import Timing

/// Finds out whether somebody accepts connections at an address.
enum ConnectionTest {
    /// Tries every 10 ms until it succeeds or the time is up.
    static func succeeds(to address: SocketAddress, within limit: Duration, on loop: EventLoop) async -> Bool {
        let deadline = MonotonicClock.now + limit
        while true {
            if await isAccepted(at: address, on: loop) { return true }
            guard MonotonicClock.now < deadline, (try? await loop.sleep(for: .milliseconds(10))) != nil else {
                return false
            }
        }
    }

    private static func isAccepted(at address: SocketAddress, on loop: EventLoop) async -> Bool {
        await withCheckedContinuation { continuation in
            let attempt = Attempt { continuation.resume(returning: $0) }
            do {
                attempt.stream = try SocketStream(connectingTo: address, on: loop, delegate: attempt)
            } catch {
                attempt.report(false)
            }
        }
    }

    private final class Attempt: ByteStreamDelegate {
        var stream: (any ByteStream)?
        private var done: ((Bool) -> Void)?

        init(_ done: @escaping (Bool) -> Void) { self.done = done }

        func report(_ success: Bool) {
            done?(success)
            done = nil
        }

        func streamConnected() {
            report(true)
            stream?.close()
        }
        func streamReceived(_ bytes: Span<UInt8>) {}
        func streamReachedEnd() {}
        func streamClosed(_ error: SystemError?) {
            stream = nil
            report(false)
        }
    }
}
