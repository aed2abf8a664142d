import Bytes
import CNghttp2

/// An HTTP/2 session without input or output of its own: bytes go in by `receive`, come out by `drain`, and what
/// happened is told to the handlers in between. Framing, HPACK and flow control are nghttp2's.
///
/// What nghttp2 refuses is somebody's affair: a fault of the session (`failure`) is thrown by the next `receive` or
/// `drain`; what cannot be sent on a stream resets it, and its handler hears why (`HTTP2Session+Output.swift`).
///
/// Not `Sendable`: one thread at a time. Neither `receive` nor `drain` may be called from within a handler's method.
@safe package final class HTTP2Session {
    package enum Role: Sendable {
        case client
        case server
    }

    package let role: Role
    package var handler: (any HTTP2SessionHandler)?
    var session: OpaquePointer?
    /// What nghttp2 could not do, for want of memory mostly: the session cannot go on.
    private var failure: HTTP2SessionError?
    /// nghttp2 reports no closed streams when a session is deleted, so they are kept here.
    private var streams: [HTTP2Stream] = []
    /// The head that nghttp2 decodes, or decoded last; and the trailers. Apart, because each mostly begins as the one
    /// before of its kind.
    var heads: FieldBlock
    var trailers: FieldBlock
    /// The block under way is one of trailers.
    private(set) var fieldsAreTrailers = false
    /// What has been sent of these, the last one last.
    private var fixedHeaders: [FixedHeaders] = []
    /// A frame that is to leave right after what is queued now, and which nghttp2 would not send.
    var frameToFollow: [UInt8] = []
    /// Payload of a PING that is to leave right after that.
    var pingToFollow: UInt64?
    /// Streams that have their answer while the request was still coming; they are reset once the answer has left.
    var answeredEarly: [HTTP2Stream] = []
    /// The stream that the last callback was about: fields and data come in runs, and nghttp2's own look-up is a hash.
    private var current: HTTP2Stream?
    /// DATA that one `receive` has brought; the connection's window is given back for all of it at once.
    private var dataReceived = 0
    /// A stream's window is given back in steps of so many bytes: a small answer costs nothing then. An eighth of the
    /// window; nghttp2 tells the peer at half of it.
    let windowStep: Int
    /// The peer's SETTINGS_MAX_HEADER_LIST_SIZE.
    private(set) var peerHeaderListLimit = Int.max
    /// Below this size, as a list, a block is within both limits: nghttp2's bound is at most 17 bytes above it.
    private(set) var surelyFits = maxHeaderBlockBytes - 17
    /// The error of a GOAWAY that has left: what the peer did wrong, as nghttp2 or this side saw it.
    package private(set) var fault: HTTP2ErrorCode?
    /// Of HEADERS and DATA, since `takeSentPayloadFrames` was last asked.
    private var sentPayloadFrames = 0

    /// nghttp2 allocates from here until the session is freed.
    private let memory: HTTP2Memory

    /// `memory` is shared by the sessions of one loop.
    package init(
        role: Role, configuration: HTTP2Configuration = .defaults, memory: HTTP2Memory = HTTP2Memory()
    ) throws(HTTP2SessionError) {
        self.role = role
        self.memory = memory
        heads = FieldBlock(limit: Int(configuration.maxHeaderListSize))
        trailers = FieldBlock(limit: Int(configuration.maxHeaderListSize))
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
        unsafe check(nghttp2_submit_settings(session, 0, settings, settings.count), "SETTINGS")
        unsafe check(
            nghttp2_session_set_local_window_size(session, 0, 0, configuration.connectionWindow), "connection window")
        // nghttp2_session_del is the deinitializer's, which runs for an object that is whole.
        if let failure { throw failure }
    }

    deinit {
        forgetFields()
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
            // At once, and whatever becomes of the streams' own windows: a stream that nobody reads must not stop others.
            unsafe check(nghttp2_session_consume_connection(session, dataReceived), "connection window")
            dataReceived = 0
        }
        if consumed < 0 { throw HTTP2Session.error(Int32(truncatingIfNeeded: consumed), "received bytes") }
        if let failure { throw failure }
    }

    /// Moves what is to be sent to the end of `buffer`, until there is no more or the buffer holds `limit` bytes.
    package func drain(into buffer: inout [UInt8], limit: Int) throws(HTTP2SessionError) {
        guard let session = unsafe session else { return }
        if let failure { throw failure }
        while buffer.count < limit {
            var chunk: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(session, &chunk)
            if count < 0 { throw HTTP2Session.error(Int32(truncatingIfNeeded: count), "bytes to send") }
            guard count > 0, let chunk = unsafe chunk else {
                if submitDeferred(to: &buffer) { continue }
                break
            }
            unsafe buffer.append(contentsOf: UnsafeBufferPointer(start: chunk, count: count))
        }
        if let failure { throw failure }
    }

    /// How many frames of HEADERS and DATA have left since this was last asked.
    package func takeSentPayloadFrames() -> Int {
        defer { sentPayloadFrames = 0 }
        return sentPayloadFrames
    }

    /// False once both sides are through, by GOAWAY or a connection error, and all is drained.
    package var isAlive: Bool {
        guard let session = unsafe session else { return false }
        return unsafe nghttp2_session_want_read(session) != 0 || nghttp2_session_want_write(session) != 0
    }

    package var streamCount: Int { streams.count }

    /// `body` may end streams.
    package func forEachStream(_ body: (HTTP2Stream) -> Void) {
        let now = streams
        for stream in now where !stream.isClosed { body(stream) }
    }

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
        forgetFields()
        unsafe nghttp2_session_del(doomed)
        handler = nil
    }

    private func close(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        stream.isClosed = true
        stream.discardOutput()
        let handler = stream.handler
        stream.handler = nil
        handler?.streamClosed(code)
    }

    private func forgetFields() {
        heads.forget()
        trailers.forget()
    }

    // MARK: From the callbacks

    func beginFields(areTrailers: Bool) {
        fieldsAreTrailers = areTrailers
        if areTrailers { trailers.removeAll() } else { heads.removeAll() }
    }

    func received(data: Span<UInt8>, onStream id: Int32) {
        dataReceived += data.count
        guard let stream = stream(id) else { return }
        stream.handler?.streamReceived(data: data)
        if !stream.holdsWindow { release(data.count, of: stream) }
    }

    /// A block of fields is so far over its limit that the rest is only decoded, which HPACK's table needs. A client's
    /// reader finds the response too large; a server does not begin such a call, and tells the client to calm down.
    func fieldsFlood(onStream id: Int32) {
        guard let stream = stream(id) else { return }
        switch role {
        case .client: stream.receiveFields(of: self, endStream: false)
        case .server: handler?.sessionReceivedReset()
        }
        reset(stream, .enhanceYourCalm)
    }

    /// A frame of the stream has gone into the output; `isHeaders` tells it from DATA.
    func sentPayload(onStream id: Int32, isHeaders: Bool, endStream: Bool) {
        sentPayloadFrames += 1
        switch role {
        case .client:
            guard isHeaders || endStream, let stream = stream(id) else { return }
            stream.hasLeft = true
            if endStream { stream.endHasLeft = true }
        case .server: if endStream { answerHasLeft(onStream: id) }
        }
    }

    private func answerHasLeft(onStream id: Int32) {
        if let stream = stream(id), !stream.inputEnded { answeredEarly.append(stream) }
    }

    func sentGoAway(_ code: HTTP2ErrorCode) {
        if code != .noError { fault = code }
    }

    func receivedSettings() {
        if let session = unsafe session {
            let limit = unsafe nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE)
            peerHeaderListLimit = Int(limit)
            surelyFits = min(HTTP2Session.maxHeaderBlockBytes - 17, peerHeaderListLimit)
        }
        handler?.sessionReceivedSettings()
    }

    func opened(_ id: Int32) -> Bool {
        guard let session = unsafe session else { return false }
        guard let stream = handler?.sessionOpened() else {
            unsafe check(
                nghttp2_submit_rst_stream(session, 0, id, HTTP2ErrorCode.refusedStream.rawValue), "RST_STREAM")
            return false
        }
        stream.id = id
        let code = unsafe nghttp2_session_set_stream_user_data(
            session, id, Unmanaged.passUnretained(stream).toOpaque())
        guard code == 0 else { return false }
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

    /// For as long as the session, which may refer to it from frames that wait.
    @inline(__always)
    func keep(_ headers: FixedHeaders) {
        if !fixedHeaders.contains(where: { $0 === headers }) { fixedHeaders.append(headers) }
    }

    func add(_ stream: HTTP2Stream) {
        stream.tableIndex = streams.count
        streams.append(stream)
    }

    private func remove(_ stream: HTTP2Stream) {
        let last = streams.removeLast()
        guard last !== stream else { return }
        streams[stream.tableIndex] = last
        last.tableIndex = stream.tableIndex
    }

    /// For return codes of calls that concern the whole session.
    func check(_ code: Int32, _ what: @autoclosure () -> String) {
        if code < 0 { failure = failure ?? HTTP2Session.error(code, what()) }
    }

    static func error(_ code: Int32, _ what: String) -> HTTP2SessionError {
        let reason = unsafe nghttp2_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        let told: HTTP2ErrorCode =
            switch code {
            case NGHTTP2_ERR_FLOODED.rawValue: .enhanceYourCalm
            case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue: .protocolError
            default: .internalError
            }
        return HTTP2SessionError(description: "HTTP/2, \(what): \(reason)", code: told)
    }
}
