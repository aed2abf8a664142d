/// Limits and windows of one session, on either side.
package struct HTTP2Configuration: Hashable, Sendable {
    /// Streams that the peer may have open at once (SETTINGS_MAX_CONCURRENT_STREAMS). nghttp2's own default is no limit.
    package var maxConcurrentStreams: UInt32
    /// Bytes of one stream that the peer may send before this side has taken them.
    package var initialWindow: Int32
    /// The same for the whole connection.
    package var connectionWindow: Int32
    /// Names, values and 32 bytes a field (SETTINGS_MAX_HEADER_LIST_SIZE), announced here and enforced by the reader of
    /// the fields.
    package var maxHeaderListSize: UInt32
    /// Answers to PING and SETTINGS waiting to be sent; a peer that floods without reading is cut off beyond it.
    package var maxQueuedAcks: Int
    /// RST_STREAM frames that the peer may send: a burst, then a steady rate a second (CVE-2023-44487).
    package var resetBurst: UInt64
    package var resetRate: UInt64

    package static let defaults = HTTP2Configuration(
        maxConcurrentStreams: 100, initialWindow: 256 * 1024, connectionWindow: 1024 * 1024,
        maxHeaderListSize: 16 * 1024, maxQueuedAcks: 1000, resetBurst: 1000, resetRate: 33)
}
