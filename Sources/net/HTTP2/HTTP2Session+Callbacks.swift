import CNghttp2

/// What nghttp2 calls. Each function finds its session by the user data and returns 0, or one of the two codes that
/// nghttp2 understands as a fault of this stream only.
extension HTTP2Session {
    static func makeSession(
        role: Role, configuration: HTTP2Configuration, memory: HTTP2Memory, owner: HTTP2Session
    ) throws(HTTP2SessionError) -> OpaquePointer {
        var callbacks: OpaquePointer?
        var options: OpaquePointer?
        guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0, unsafe nghttp2_option_new(&options) == 0 else {
            throw HTTP2SessionError(description: "HTTP/2: out of memory", code: .internalError)
        }
        defer {
            unsafe nghttp2_session_callbacks_del(callbacks)
            unsafe nghttp2_option_del(options)
        }
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, onBeginHeaders)
        unsafe nghttp2_session_callbacks_set_on_header_callback2(callbacks, onHeader)
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, onDataChunk)
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, onFrame)
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, onStreamClose)

        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, onFrameSent)
        unsafe nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, onFrameNotSent)

        // nghttp2 would give every window back as soon as data arrives, and a slow reader had to keep it all.
        unsafe nghttp2_option_set_no_auto_window_update(options, 1)
        unsafe nghttp2_option_set_max_send_header_block_length(options, HTTP2Session.maxHeaderBlockBytes)
        // Closed streams are of use only to the old priority tree.
        unsafe nghttp2_option_set_no_closed_streams(options, 1)
        unsafe nghttp2_option_set_max_outbound_ack(options, configuration.maxQueuedAcks)
        // nghttp2 ends a session with INTERNAL_ERROR; whoever drives this one counts resets too, at half of this, and
        // can say ENHANCE_YOUR_CALM. This is the second line.
        unsafe nghttp2_option_set_stream_reset_rate_limit(
            options, configuration.resetBurst * 2, configuration.resetRate * 2)

        var session: OpaquePointer?
        let context = unsafe Unmanaged.passUnretained(owner).toOpaque()
        var functions = unsafe memory.functions
        let code =
            switch role {
            case .client: unsafe nghttp2_session_client_new3(&session, callbacks, context, options, &functions)
            case .server: unsafe nghttp2_session_server_new3(&session, callbacks, context, options, &functions)
            }
        guard code == 0, let session = unsafe session else { throw error(code, "new session") }
        return unsafe session
    }

    /// Tells nghttp2 to fetch a stream's body from `HTTP2Stream`.
    static func provider(for stream: HTTP2Stream) -> nghttp2_data_provider {
        var provider = unsafe nghttp2_data_provider()
        unsafe provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
        unsafe provider.read_callback = readBody
        return unsafe provider
    }

    /// The session is alive while nghttp2 calls: its owner is in `receive` or `drain`.
    @inline(__always)
    private static func with<Result>(
        _ context: UnsafeMutableRawPointer?, otherwise: Result, _ body: (HTTP2Session) -> Result
    ) -> Result {
        guard let context = unsafe context else { return otherwise }
        return unsafe Unmanaged<HTTP2Session>.fromOpaque(context)._withUnsafeGuaranteedRef { body($0) }
    }

    private static let onBeginHeaders: nghttp2_on_begin_headers_callback = { _, frame, context in
        guard let frame = unsafe frame else { return 0 }
        let id = unsafe frame.pointee.hd.stream_id
        let category = unsafe frame.pointee.headers.cat
        let isRequest = category == NGHTTP2_HCAT_REQUEST
        let accepted = unsafe with(context, otherwise: false) {
            $0.beginFields(areTrailers: category == NGHTTP2_HCAT_HEADERS)
            return !isRequest || $0.opened(id)
        }
        return accepted ? 0 : Int32(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
    }

    private static let onHeader: nghttp2_on_header_callback2 = { _, frame, name, value, _, context in
        guard let name = unsafe name, let value = unsafe value, let id = unsafe frame?.pointee.hd.stream_id else {
            return 0
        }
        return unsafe with(context, otherwise: 0) {
            // Blocks do not interleave (RFC 9113 section 4.3), so there is never more than one under way.
            let goesOn = unsafe $0.fieldsAreTrailers ? $0.trailers.append(name, value) : $0.heads.append(name, value)
            if goesOn { return 0 }
            $0.fieldsFlood(onStream: id)
            return Int32(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
        }
    }

    private static let onDataChunk: nghttp2_on_data_chunk_recv_callback = { _, _, id, bytes, count, context in
        guard let bytes = unsafe bytes else { return 0 }
        return unsafe with(context, otherwise: 0) {
            $0.received(data: unsafe Span(_unsafeStart: bytes, count: count), onStream: id)
            return 0
        }
    }

    private static let onFrame: nghttp2_on_frame_recv_callback = { _, frame, context in
        guard let frame = unsafe frame else { return 0 }
        return unsafe with(context, otherwise: 0) {
            unsafe $0.received(frame)
            return 0
        }
    }

    private static let onFrameSent: nghttp2_on_frame_send_callback = { _, frame, context in
        guard let frame = unsafe frame else { return 0 }
        let type = unsafe UInt32(frame.pointee.hd.type)
        switch type {
        case NGHTTP2_DATA.rawValue, NGHTTP2_HEADERS.rawValue:
            let header = unsafe frame.pointee.hd
            unsafe with(context, otherwise: ()) {
                $0.sentPayload(
                    onStream: header.stream_id, isHeaders: type == NGHTTP2_HEADERS.rawValue,
                    endStream: header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0)
            }
        case NGHTTP2_GOAWAY.rawValue:
            let code = unsafe HTTP2ErrorCode(rawValue: frame.pointee.goaway.error_code)
            unsafe with(context, otherwise: ()) { $0.sentGoAway(code) }
        default:
            break
        }
        return 0
    }

    private static let onFrameNotSent: nghttp2_on_frame_not_send_callback = { _, frame, code, context in
        guard let frame = unsafe frame else { return 0 }
        let header = unsafe frame.pointee.hd
        // Other frames are dropped when the session is closing, and nobody waits for them; what is fatal, mem_send tells.
        guard header.type == UInt8(NGHTTP2_HEADERS.rawValue) else { return 0 }
        return unsafe with(context, otherwise: 0) {
            $0.notSent(header.stream_id, code)
            return 0
        }
    }

    private static let onStreamClose: nghttp2_on_stream_close_callback = { _, id, code, context in
        unsafe with(context, otherwise: 0) {
            $0.closed(id, code)
            return 0
        }
    }

    private func received(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = unsafe frame.pointee.hd
        let endsStream = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        let isAck = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue:
            guard let stream = stream(header.stream_id) else { return }
            if endsStream { stream.inputEnded = true }
            stream.receiveFields(of: self, endStream: endsStream)
        case NGHTTP2_DATA.rawValue:
            guard endsStream, let stream = stream(header.stream_id) else { return }
            stream.inputEnded = true
            stream.handler?.streamDataEnded()
        case NGHTTP2_SETTINGS.rawValue:
            if !isAck { receivedSettings() }
        case NGHTTP2_PING.rawValue:
            guard isAck else {
                handler?.sessionReceivedPing()
                return
            }
            let payload = unsafe withUnsafeBytes(of: frame.pointee.ping.opaque_data) {
                unsafe UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self))
            }
            handler?.sessionReceivedPingAck(payload)
        case NGHTTP2_GOAWAY.rawValue:
            let goAway = unsafe frame.pointee.goaway
            let debug = unsafe UnsafeBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)
            unsafe handler?.sessionReceivedGoAway(
                lastStreamID: goAway.last_stream_id, code: HTTP2ErrorCode(rawValue: goAway.error_code),
                debugData: debug.span)
        case NGHTTP2_RST_STREAM.rawValue:
            // The stream's own end is told by its closing.
            handler?.sessionReceivedReset()
        default:
            // WINDOW_UPDATE, PRIORITY and unknown frames: nghttp2 acts on them.
            return
        }
    }

    private static let readBody: nghttp2_data_source_read_callback = { session, id, buffer, length, flags, source, _ in
        guard let pointer = unsafe source?.pointee.ptr, let flags = unsafe flags else {
            return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
        }
        return unsafe Unmanaged<HTTP2Stream>.fromOpaque(pointer)._withUnsafeGuaranteedRef { stream in
            // What was to come of it is gone, and its end must not look like the end of a whole body.
            if stream.isReset { return Int(NGHTTP2_ERR_DEFERRED.rawValue) }
            let count = unsafe stream.takeOutput(into: UnsafeMutableBufferPointer(start: buffer, count: length))
            guard stream.pendingBytes == 0 else { return count }
            guard stream.outputEnded else {
                if count > 0 { return count }
                stream.isDeferred = true
                return Int(NGHTTP2_ERR_DEFERRED.rawValue)
            }
            unsafe flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
            // Documented as allowed here, unlike other calls into the session.
            if let code = unsafe stream.withTrailers({ unsafe nghttp2_submit_trailer(session, id, $0, $1) }) {
                unsafe flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue)
                // nghttp2 resets the stream then, with INTERNAL_ERROR.
                if code < 0 { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
            }
            return count
        }
    }
}
