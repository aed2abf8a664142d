import Bytes
import CNghttp2

/// An HTTP/2 session without input or output of its own: bytes go in by `receive`, come out by `drain`, and what
/// happened is told to the handlers in between. Framing, HPACK and flow control are nghttp2's.
///
/// Not `Sendable`: one thread at a time. Neither `receive` nor `drain` may be called from within a handler's method.
@safe package final class HTTP2Session {
    package enum Role: Sendable {
        case client
        case server
    }

    package let role: Role
    package var handler: (any HTTP2SessionHandler)?
    private var session: OpaquePointer?
    /// nghttp2 reports no closed streams when a session is deleted, so they are kept here.
    private var streams: [HTTP2Stream] = []
    /// The header block that nghttp2 is decoding.
    var fields: FieldBlock
    /// Payload of a PING that is to leave right after what is queued now.
    private var pingToFollow: UInt64?
    /// Streams that have their answer while the request was still coming; they are reset once the answer has left.
    private var answeredEarly: [HTTP2Stream] = []
    /// The stream that the last callback was about: fields and data come in runs, and nghttp2's own look-up is a hash.
    private var current: HTTP2Stream?
    /// DATA that one `receive` has brought; a client gives the connection's window back for all of it at once.
    private var dataReceived = 0
    /// A stream's window is given back in steps of so many bytes: a small answer costs nothing then. An eighth of the
    /// window; nghttp2 tells the peer at half of it.
    private let windowStep: Int

    /// nghttp2 allocates from here until the session is freed.
    private let memory: HTTP2Memory

    /// `memory` is shared by the sessions of one loop.
    package init(
        role: Role, configuration: HTTP2Configuration = .defaults, memory: HTTP2Memory = HTTP2Memory()
    ) throws(HTTP2SessionError) {
        self.role = role
        self.memory = memory
        fields = FieldBlock(limit: Int(configuration.maxHeaderListSize))
        windowStep = Int(configuration.initialWindow) / 8
        unsafe session = try HTTP2Session.makeSession(
            role: role, configuration: configuration, memory: memory, owner: self)
        var settings = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
                value: UInt32(configuration.initialWindow)),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                value: configuration.maxHeaderListSize),
        ]
        switch role {
        case .server:
            settings.append(
                nghttp2_settings_entry(
                    settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
                    value: configuration.maxConcurrentStreams))
        case .client:
            settings.append(
                nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0))
        }
        // These fail only for want of memory or for values that the configuration cannot hold.
        unsafe nghttp2_submit_settings(session, 0, settings, settings.count)
        unsafe nghttp2_session_set_local_window_size(session, 0, 0, configuration.connectionWindow)
    }

    deinit {
        if let session = unsafe session { unsafe nghttp2_session_del(session) }
    }

    // MARK: Bytes in and out

    /// Feeds what has arrived. After an error the output, which may hold a GOAWAY, is still worth draining.
    package func receive(_ bytes: Span<UInt8>) throws(HTTP2SessionError) {
        guard let session = unsafe session else { return }
        let consumed = unsafe bytes.withUnsafeBufferPointer {
            unsafe nghttp2_session_mem_recv(session, $0.baseAddress, $0.count)
        }
        current = nil
        if dataReceived > 0 {
            if role == .client { unsafe nghttp2_session_consume_connection(session, dataReceived) }
            dataReceived = 0
        }
        if consumed < 0 { throw HTTP2Session.error(Int32(consumed), "received bytes") }
    }

    /// Moves what is to be sent to the end of `buffer`, until there is no more or the buffer holds `limit` bytes.
    package func drain(into buffer: inout [UInt8], limit: Int) throws(HTTP2SessionError) {
        guard let session = unsafe session else { return }
        while buffer.count < limit {
            var chunk: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(session, &chunk)
            if count < 0 { throw HTTP2Session.error(Int32(count), "bytes to send") }
            guard count > 0, let chunk = unsafe chunk else {
                if submitDeferred() { continue }
                return
            }
            unsafe buffer.append(contentsOf: UnsafeBufferPointer(start: chunk, count: count))
        }
    }

    /// False once both sides are through, by GOAWAY or a connection error, and all is drained.
    package var isAlive: Bool {
        guard let session = unsafe session else { return false }
        return unsafe nghttp2_session_want_read(session) != 0 || nghttp2_session_want_write(session) != 0
    }

    package var streamCount: Int { streams.count }

    /// False for a client that can open no more streams here: after GOAWAY, after a fault, or out of stream ids.
    package var acceptsRequests: Bool {
        guard let session = unsafe session else { return false }
        return unsafe nghttp2_session_check_request_allowed(session) != 0
    }

    /// Ends every stream and frees the session; for when the connection is gone.
    package func invalidate() {
        guard let doomed = unsafe session else { return }
        let orphans = streams
        streams = []
        answeredEarly = []
        current = nil
        unsafe session = nil
        for stream in orphans { close(stream, .internalError) }
        unsafe nghttp2_session_del(doomed)
        handler = nil
    }

    private func close(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        stream.isClosed = true
        let handler = stream.handler
        stream.handler = nil
        handler?.streamClosed(code)
    }

    // MARK: Submitting

    /// Opens a client's stream. The request ends with `body`, or stays open for `send` if `body` is nil.
    ///
    /// Streams beyond the server's SETTINGS_MAX_CONCURRENT_STREAMS wait inside the session for their turn.
    package func request(
        _ headers: HeaderBlock, body: consuming [UInt8]?, handler: any HTTP2StreamHandler
    ) throws(HTTP2SessionError) -> HTTP2Stream {
        guard let session = unsafe session else { throw HTTP2SessionError(description: "the session has ended") }
        let stream = HTTP2Stream()
        stream.handler = handler
        if let body {
            stream.enqueue(body)
            stream.outputEnded = true
        }
        var provider = unsafe HTTP2Session.provider(for: stream)
        let id = unsafe headers.withFields { fields, count in
            unsafe nghttp2_submit_request(
                session, nil, fields, count, &provider, Unmanaged.passUnretained(stream).toOpaque())
        }
        if id < 0 { throw HTTP2Session.error(id, "request") }
        stream.id = id
        add(stream)
        return stream
    }

    /// Answers with headers, a body, and trailers, in one.
    package func respond(
        _ stream: HTTP2Stream, _ headers: HeaderBlock, body: consuming [UInt8], trailers: HeaderBlock
    ) {
        stream.enqueue(body)
        stream.trailers = trailers
        stream.outputEnded = true
        respond(stream, headers)
    }

    /// Begins an answer whose body follows by `send` and `end`.
    package func respond(_ stream: HTTP2Stream, _ headers: HeaderBlock) {
        guard let session = unsafe session, !stream.isClosed else { return }
        var provider = unsafe HTTP2Session.provider(for: stream)
        _ = unsafe headers.withFields { fields, count in
            unsafe nghttp2_submit_response(session, stream.id, fields, count, &provider)
        }
    }

    /// Answers with headers only; they carry END_STREAM.
    package func respondAndEnd(_ stream: HTTP2Stream, _ headers: HeaderBlock) {
        guard let session = unsafe session, !stream.isClosed else { return }
        _ = unsafe headers.withFields { fields, count in
            unsafe nghttp2_submit_response(session, stream.id, fields, count, nil)
        }
        if !stream.inputEnded { answeredEarly.append(stream) }
    }

    /// Submits what had to wait for an empty queue. Answers whether there is more to send now.
    private func submitDeferred() -> Bool {
        let hasPing = pingToFollow != nil
        if let payload = pingToFollow {
            pingToFollow = nil
            ping(payload)
        }
        return resetAnsweredEarly() || hasPing
    }

    /// The rest of a request that has its answer is not wanted (RFC 9113 section 8.1). nghttp2 would drop the answer
    /// if the reset were queued behind it. Answers whether there is more to send now.
    private func resetAnsweredEarly() -> Bool {
        let unwanted = answeredEarly.filter { !$0.isClosed && !$0.inputEnded }
        answeredEarly = []
        for stream in unwanted { reset(stream, .noError) }
        return !unwanted.isEmpty
    }

    /// Adds to the body of an open stream.
    package func send(_ bytes: consuming [UInt8], on stream: HTTP2Stream) {
        guard !stream.isClosed, !stream.outputEnded else { return }
        stream.enqueue(bytes)
        resume(stream)
    }

    /// Ends the body of an open stream.
    package func end(_ stream: HTTP2Stream, trailers: HeaderBlock? = nil) {
        guard !stream.isClosed, !stream.outputEnded else { return }
        stream.trailers = trailers
        stream.outputEnded = true
        resume(stream)
    }

    private func resume(_ stream: HTTP2Stream) {
        guard let session = unsafe session, stream.isDeferred else { return }
        stream.isDeferred = false
        unsafe nghttp2_session_resume_data(session, stream.id)
    }

    package func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        guard let session = unsafe session, !stream.isClosed else { return }
        unsafe nghttp2_submit_rst_stream(session, 0, stream.id, code.rawValue)
    }

    /// The first of two GOAWAYs: no stream is refused yet, and the client learns not to open more (RFC 9113 section 6.8).
    /// A PING follows it, whose answer shows that the client has seen the GOAWAY. nghttp2 lets a PING overtake
    /// everything that is queued, so it is submitted only once the GOAWAY has been drained.
    package func announceShutdown(thenPing payload: UInt64) {
        guard let session = unsafe session else { return }
        unsafe nghttp2_submit_shutdown_notice(session)
        pingToFollow = payload
    }

    /// GOAWAY with the last stream that was processed. Later streams are ignored; the session ends with its last stream.
    package func goAway(_ code: HTTP2ErrorCode, debugData: String = "") {
        guard let session = unsafe session else { return }
        let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
        let debug = Array(debugData.utf8)
        unsafe nghttp2_submit_goaway(session, 0, last, code.rawValue, debug, debug.count)
    }

    package func ping(_ payload: UInt64) {
        guard let session = unsafe session else { return }
        unsafe withUnsafeBytes(of: payload.bigEndian) {
            unsafe _ = nghttp2_submit_ping(session, 0, $0.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
    }

    // MARK: Windows

    /// Gives back so much of the window of a client's stream that holds it (`HTTP2Stream.holdsWindow`). Answers whether
    /// the peer may have to be told, that is whether the session is worth draining.
    @discardableResult
    package func release(_ count: Int, of stream: HTTP2Stream) -> Bool {
        stream.released += count
        guard let session = unsafe session, !stream.isClosed, stream.released >= windowStep else { return false }
        unsafe nghttp2_session_consume_stream(session, stream.id, stream.released)
        stream.released = 0
        return true
    }

    // MARK: From the callbacks

    func received(data: Span<UInt8>, onStream id: Int32) {
        dataReceived += data.count
        guard let stream = stream(id) else { return }
        stream.handler?.streamReceived(data: data)
        if role == .client, !stream.holdsWindow { release(data.count, of: stream) }
    }

    func opened(_ id: Int32) -> Bool {
        guard let session = unsafe session else { return false }
        let stream = HTTP2Stream()
        stream.id = id
        guard let streamHandler = handler?.sessionOpened(stream) else { return false }
        stream.handler = streamHandler
        unsafe nghttp2_session_set_stream_user_data(session, id, Unmanaged.passUnretained(stream).toOpaque())
        add(stream)
        current = stream
        return true
    }

    func stream(_ id: Int32) -> HTTP2Stream? {
        if let current, current.id == id { return current }
        guard let session = unsafe session,
            let pointer = unsafe nghttp2_session_get_stream_user_data(session, id)
        else { return nil }
        // The table holds every stream until nghttp2 has closed it, so the pointer is good.
        let stream = unsafe Unmanaged<HTTP2Stream>.fromOpaque(pointer).takeUnretainedValue()
        current = stream
        return stream
    }

    func closed(_ id: Int32, _ code: UInt32) {
        guard let stream = stream(id) else { return }
        current = nil
        remove(stream)
        close(stream, HTTP2ErrorCode(rawValue: code))
    }

    private func add(_ stream: HTTP2Stream) {
        stream.tableIndex = streams.count
        streams.append(stream)
    }

    private func remove(_ stream: HTTP2Stream) {
        let last = streams.removeLast()
        guard last !== stream else { return }
        streams[stream.tableIndex] = last
        last.tableIndex = stream.tableIndex
    }

    static func error(_ code: Int32, _ what: String) -> HTTP2SessionError {
        let reason = unsafe nghttp2_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return HTTP2SessionError(description: "HTTP/2, \(what): \(reason)")
    }
}
