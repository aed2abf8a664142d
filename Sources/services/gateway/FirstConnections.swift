package import Events
package import ServiceKit
package import Telemetry
import Timing

/// Holds the gateway's readiness back until it can serve: until each loop's channel has been READY once, or `limit` has
/// passed. What comes later changes nothing: a gateway that is taken out of its Service because its pods are gone would
/// turn their 503, which says why, into a refusal of the entry's. Belongs to the service's first loop.
package final class FirstConnections {
    private static let obstacle = "channels"

    private let readiness: ServiceReadiness
    private let log: Log
    private let target: String
    private let limit: Duration
    private var missing: Int
    private var timer: Timer?

    /// `channels` is how many there will be. `limit` zero does not wait.
    package init(
        of channels: Int, to target: String, limit: Duration, readiness: ServiceReadiness, log: Log, on loop: EventLoop
    ) {
        self.readiness = readiness
        self.log = log
        self.target = target
        self.limit = limit
        missing = limit > .zero ? channels : 0
        guard missing > 0 else { return }
        readiness.block(FirstConnections.obstacle, because: "no connection to \(target) yet")
        let timer = Timer(on: loop) { [weak self] in self?.timeIsUp() }
        timer.schedule(after: limit)
        self.timer = timer
    }

    /// For channels on other loops.
    package func adding(on loop: EventLoop) -> @Sendable () -> Void {
        let bound = LoopBound(self, on: loop)
        return { loop.executeHereOrLater { bound.value.add() } }
    }

    /// One more channel has been READY.
    package func add() {
        guard missing > 0 else { return }
        missing -= 1
        if missing == 0 { end() }
    }

    /// Nobody waits any more, be it that the service ends.
    package func end() {
        missing = 0
        timer?.cancel()
        timer = nil
        readiness.unblock(FirstConnections.obstacle)
    }

    private func timeIsUp() {
        log.warn(
            "Ready without a connection to \(target), after \(DurationText.format(limit)): requests that need one fail"
                + " until there is one; /go/channel says why")
        end()
    }
}
