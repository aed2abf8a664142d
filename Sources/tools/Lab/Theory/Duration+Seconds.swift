import Timing

extension Duration {
    /// As figures have it.
    package var inSeconds: Double { Double(nanoseconds) / 1_000_000_000 }
    package var inMilliseconds: Double { Double(nanoseconds) / 1_000_000 }
}
