import Glibc
package import Timing

/// CLOCK_MONOTONIC; about 20 ns a reading through the vDSO.
package enum MonotonicClock {
    package static var now: Instant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

/// CLOCK_REALTIME, for log lines and HTTP dates only: it may jump.
package enum WallClock {
    /// Since 1970-01-01 UTC.
    package static var now: (seconds: Int64, nanoseconds: Int64) {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return (Int64(time.tv_sec), Int64(time.tv_nsec))
    }

    /// Since 1970-01-01 UTC.
    package static var nanoseconds: Int64 {
        let now = now
        return now.seconds * 1_000_000_000 + now.nanoseconds
    }
}

/// CPU time that the process has used, user and system.
package enum ProcessClock {
    package static var cpuTime: Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
