package import Timing

/// How many calls there were (gRFC A14). Plain numbers of one loop, counted where a call passes anyway.
package struct CallFigures: Hashable, Sendable {
    package private(set) var started = 0
    /// With OK.
    package private(set) var succeeded = 0
    /// With any other status.
    package private(set) var failed = 0
    /// `distantFuture` if there was none.
    package private(set) var lastStarted = Instant.distantFuture

    /// Not ended yet.
    package var open: Int { started &- succeeded &- failed }

    package init() {}

    @inline(__always)
    package mutating func begin(at now: Instant) {
        started &+= 1
        lastStarted = now
    }

    @inline(__always)
    package mutating func end(_ isOK: Bool) {
        if isOK { succeeded &+= 1 } else { failed &+= 1 }
    }

    /// Of both.
    package mutating func add(_ other: CallFigures) {
        started &+= other.started
        succeeded &+= other.succeeded
        failed &+= other.failed
        guard other.lastStarted != .distantFuture else { return }
        lastStarted = lastStarted == .distantFuture ? other.lastStarted : max(lastStarted, other.lastStarted)
    }
}
