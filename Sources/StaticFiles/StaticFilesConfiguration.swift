package struct StaticFilesConfiguration: Equatable, Sendable {
    /// What a path that ends in a slash stands for.
    package var indexName = "index.html"
    /// The largest file that is served, in bytes. It is read in one go on the event loop: from the page cache 8 MiB
    /// take about 2 ms, which is the longest that other requests of the loop may have to wait for it.
    package var largestFile = 8 << 20
    /// Bytes of all files together that each loop keeps in memory.
    package var cacheSize = 32 << 20

    package init() {}

    package static let defaults = StaticFilesConfiguration()
}
