package import HTTP

package struct HTTPServerConfiguration: Equatable, Sendable {
    package var limits = HTTP1Limits.defaults
    /// Connections open at once; accepting pauses there, and more clients wait in the kernel's backlog.
    package var maximumConnections = 10_000
    /// Bytes of further pipelined requests kept while one is being answered; then reading stops.
    package var pipelinedBytes = 64 * 1024
    /// Bytes of output that the peer has not taken; then no further pipelined request is started.
    package var pendingOutputBytes = 256 * 1024

    /// How slowly a client may take a file, in bytes a second on average over `limits.responseWriteTime`.
    package var slowestFileReading = 16 * 1024

    /// Whether each response has the request's id in X-Request-Id, so that the client can ask about it.
    package var namesRequests = false

    package init() {}

    package static let defaults = HTTPServerConfiguration()
}
