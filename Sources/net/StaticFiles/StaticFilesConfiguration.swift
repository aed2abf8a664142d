package struct StaticFilesConfiguration: Equatable, Sendable {
    /// What a path that ends in a slash stands for.
    package var indexName = "index.html"
    /// The largest file that is kept in memory, in bytes; a larger one goes from the disk to the socket inside the
    /// kernel. CPU time of a request, in µs (two cores, 8 kept connections over loopback, h2load beside it):
    ///
    ///     KiB           4    16    64   256  1024
    ///     memory       13    13    18    34   157
    ///     sendfile     32    33    31    49    98
    ///
    /// So by time alone the border lies above 256 KiB, for what is copied twice costs less there than two files that
    /// are opened and closed. It is drawn lower because all that a slow client has not taken yet is kept for it, and
    /// because the loop stands still while a file is compressed, 3 ms for 64 KiB.
    package var largestInMemory = 64 << 10
    /// Bytes of all files together that each loop keeps in memory, compressed forms included.
    package var cacheSize = 32 << 20
    /// How long a file in memory is sent without a look at the disk: a change is noticed this much later at most.
    /// Opening the file each time, as nginx does, costs 15 µs a request rather than 12.
    package var recheckTime = Duration.milliseconds(100)

    package init() {}

    package static let defaults = StaticFilesConfiguration()
}
