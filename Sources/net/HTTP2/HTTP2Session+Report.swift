import CNghttp2

/// What a session can be asked about its connection.
extension HTTP2Session {
    /// Bytes of DATA that this side may still send, and that the peer may; nil at the end.
    package var connectionWindows: (local: Int, remote: Int)? {
        guard let session = unsafe session else { return nil }
        let local = unsafe nghttp2_session_get_remote_window_size(session)
        let remote = unsafe nghttp2_session_get_local_window_size(session)
        return (Int(local), Int(remote))
    }

    /// The peer's SETTINGS_MAX_CONCURRENT_STREAMS; nil if it has set none.
    package var peerMaxConcurrentStreams: UInt32? {
        guard let session = unsafe session else { return nil }
        let limit = unsafe nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
        return limit == .max ? nil : limit
    }
}
