package import Events
import System
import Terminal
import Timing

extension EventLoop {
    /// Looks until there is something; throws if there is nothing in time.
    @discardableResult
    package func wait<Found>(
        _ limit: Duration, for what: String, each pause: Duration = .milliseconds(20), _ look: () async throws -> Found?
    ) async throws -> Found {
        let deadline = MonotonicClock.now + limit
        while true {
            if let found = try await look() { return found }
            guard MonotonicClock.now < deadline else {
                throw Failure("\(what): not within \(SecondsText.format(limit))")
            }
            try await sleep(for: pause)
        }
    }
}
