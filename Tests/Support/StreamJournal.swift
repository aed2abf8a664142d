import Bytes
import Events
package import System

/// A stream's delegate that notes what happens. Loop thread only.
package final class StreamJournal: ByteStreamDelegate {
    package enum Event: Equatable {
        case connected
        case reachedEnd
        case drained
        case closed(SystemError?)
    }

    private let journal = Journal<Event>()
    private var waiter: (count: Int, resume: () -> Void)?
    /// All that has arrived.
    package private(set) var received: [UInt8] = []
    package private(set) var isClosed = false

    package init() {}

    package func next() async -> Event { await journal.next() }

    /// Drops what comes before it.
    package func wait(for event: Event) async { _ = await journal.first { $0 == event } }

    /// Returns once `count` bytes have arrived altogether.
    package func waitForBytes(_ count: Int) async {
        await withCheckedContinuation { continuation in
            if received.count >= count { return continuation.resume() }
            waiter = (count, { continuation.resume() })
        }
    }

    package func streamConnected() { journal.note(.connected) }

    package func streamReceived(_ bytes: Span<UInt8>) {
        received.append(contentsOf: bytes)
        guard let waiter, received.count >= waiter.count else { return }
        self.waiter = nil
        waiter.resume()
    }

    package func streamReachedEnd() { journal.note(.reachedEnd) }
    package func streamDrained() { journal.note(.drained) }

    package func streamClosed(_ error: SystemError?) {
        isClosed = true
        journal.note(.closed(error))
    }
}
