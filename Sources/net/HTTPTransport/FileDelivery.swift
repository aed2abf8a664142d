import System

/// A file on its way to a client, who may be slow, but not for ever.
struct FileDelivery {
    private let file: FileSlice
    /// Bytes that were left when the time began.
    private var left: Int

    init(_ file: FileSlice) {
        self.file = file
        left = file.count
    }

    /// Whether the client took as much, on average, during the `time` since the last call; then its time begins anew.
    mutating func hasAdvanced(byBytesPerSecond rate: Int, during time: Duration) -> Bool {
        let seconds = max(Int(clamping: time.components.seconds), 1)
        let (enough, overflow) = rate.multipliedReportingOverflow(by: seconds)
        guard !overflow, left - file.count >= enough else { return false }
        left = file.count
        return true
    }
}
