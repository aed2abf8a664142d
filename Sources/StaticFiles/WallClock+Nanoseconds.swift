package import Events

extension WallClock {
    /// Since 1970-01-01 UTC.
    package static var nanoseconds: Int64 {
        let now = now
        return now.seconds * 1_000_000_000 + now.nanoseconds
    }
}
