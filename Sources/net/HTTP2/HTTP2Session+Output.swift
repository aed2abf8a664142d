import Bytes
import CNghttp2

/// What a session has to say. Every submission that nghttp2 refuses ends here: with an error for whoever opens a stream,
/// or with a reset and `HTTP2StreamHandler.streamNotSent`.
extension HTTP2Session {
    /// The most that one block of fields may take, compressed as badly as can be. Names and values of the length that
    /// peers take by default (8 to 16 KiB) are far below; nghttp2 sends none larger either, unless told to.
    static let maxHeaderBlockBytes = 64 * 1024

    /// Opens a client's stream. The request ends with `body`, or stays open for `send` if `body` is nil.
    ///
    /// Streams beyond the server's SETTINGS_MAX_CONCURRENT_STREAMS wait inside the session for their turn.
    package func request(
        _ headers: HeaderBlock, body: consuming [UInt8]?, handler: any HTTP2StreamHandler
    ) throws(HTTP2RequestError) -> HTTP2Stream {
        guard let session = unsafe session else { throw .session("the session has ended") }
        if let problem = problem(with: headers) { throw .request(problem) }
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
        if id < 0 { throw .session(HTTP2Session.error(id, "request").description) }
        stream.id = id
        add(stream)
        return stream
    }

    /// Answers with headers, a body, and trailers, in one.
    package func respond(
        _ stream: HTTP2Stream, _ headers: HeaderBlock, body: consuming [UInt8], trailers: HeaderBlock
    ) {
        if let problem = problem(with: trailers) { return abandon(stream, because: problem) }
        stream.enqueue(body)
        stream.trailers = trailers
        stream.outputEnded = true
        respond(stream, headers)
    }

    /// The same with what many answers have in common.
    package func respond(
        _ stream: HTTP2Stream, _ headers: FixedHeaders, body: consuming [UInt8], trailers: FixedHeaders
    ) {
        if let problem = problem(with: trailers.block) { return abandon(stream, because: problem) }
        keep(headers)
        keep(trailers)
        stream.enqueue(body)
        stream.fixedTrailers = trailers
        stream.outputEnded = true
        var provider = unsafe HTTP2Session.provider(for: stream)
        unsafe submit(headers.block, on: stream) { session in
            unsafe headers.withFields { unsafe nghttp2_submit_response(session, stream.id, $0, $1, &provider) }
        }
    }

    /// Begins an answer whose body follows by `send` and `end`.
    package func respond(_ stream: HTTP2Stream, _ headers: HeaderBlock) {
        var provider = unsafe HTTP2Session.provider(for: stream)
        unsafe submit(headers, on: stream) { session in
            unsafe headers.withFields { unsafe nghttp2_submit_response(session, stream.id, $0, $1, &provider) }
        }
    }

    /// Answers with headers only; they carry END_STREAM.
    package func respondAndEnd(_ stream: HTTP2Stream, _ headers: HeaderBlock) {
        unsafe submit(headers, on: stream) { session in
            unsafe headers.withFields { unsafe nghttp2_submit_response(session, stream.id, $0, $1, nil) }
        }
    }

    @inline(__always)
    private func submit(_ headers: HeaderBlock, on stream: HTTP2Stream, _ body: (OpaquePointer) -> Int32) {
        guard let session = unsafe session, !stream.isClosed else { return }
        if let problem = problem(with: headers) { return abandon(stream, because: problem) }
        let code = unsafe body(session)
        if code < 0 { abandon(stream, because: HTTP2Session.error(code, "response").description) }
    }

    /// Submits what had to wait for an empty queue. Answers whether there is more to send now.
    func submitDeferred(to buffer: inout [UInt8]) -> Bool {
        if !frameToFollow.isEmpty {
            buffer += frameToFollow
            frameToFollow = []
        }
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
        if answeredEarly.isEmpty { return false }
        let unwanted = answeredEarly.filter { !$0.isClosed && !$0.inputEnded }
        answeredEarly = []
        for stream in unwanted { reset(stream, .noError) }
        return !unwanted.isEmpty
    }

    /// Adds to the body of an open stream.
    package func send(_ bytes: consuming [UInt8], on stream: HTTP2Stream) {
        guard !stream.isClosed, !stream.isReset, !stream.outputEnded else { return }
        stream.enqueue(bytes)
        resume(stream)
    }

    /// Ends the body of an open stream.
    package func end(_ stream: HTTP2Stream, trailers: HeaderBlock? = nil) {
        guard !stream.isClosed, !stream.outputEnded else { return }
        if let trailers, let problem = problem(with: trailers) { return abandon(stream, because: problem) }
        stream.trailers = trailers
        stream.outputEnded = true
        resume(stream)
    }

    private func resume(_ stream: HTTP2Stream) {
        guard let session = unsafe session, stream.isDeferred else { return }
        stream.isDeferred = false
        let code = unsafe nghttp2_session_resume_data(session, stream.id)
        if code < 0 { abandon(stream, because: HTTP2Session.error(code, "more of a body").description) }
    }

    package func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        guard let session = unsafe session, !stream.isClosed else { return }
        // nghttp2 may keep the reset until a queued request gets its turn: nothing of the request waits as long.
        stream.isReset = true
        stream.discardOutput()
        unsafe check(nghttp2_submit_rst_stream(session, 0, stream.id, code.rawValue), "RST_STREAM")
    }

    // MARK: What cannot be sent

    /// Why a block of fields cannot be sent to this peer, in words; nil if it can.
    @inline(__always)
    package func problem(with headers: HeaderBlock) -> String? {
        // A block whose size as a list is well below both limits, which is every usual one, is within them.
        headers.listSize < surelyFits ? nil : lookedAt(headers)
    }

    private func lookedAt(_ headers: HeaderBlock) -> String? {
        if headers.compressedBound <= HTTP2Session.maxHeaderBlockBytes, headers.listSize <= peerHeaderListLimit {
            return nil
        }
        let limit = min(HTTP2Session.maxHeaderBlockBytes, peerHeaderListLimit)
        return "header fields of \(headers.listSize) bytes are over the limit of \(limit)"
    }

    private func abandon(_ stream: HTTP2Stream, because reason: String) {
        guard !stream.isClosed else { return }
        stream.outputEnded = true
        reset(stream, .internalError)
        stream.handler?.streamNotSent(reason)
    }

    /// nghttp2 has dropped HEADERS that it had taken. It closes a client's stream right after.
    func notSent(_ id: Int32, _ code: Int32) {
        switch code {
        case NGHTTP2_ERR_STREAM_CLOSED.rawValue, NGHTTP2_ERR_STREAM_CLOSING.rawValue,
            NGHTTP2_ERR_STREAM_SHUT_WR.rawValue, NGHTTP2_ERR_SESSION_CLOSING.rawValue,
            NGHTTP2_ERR_START_STREAM_NOT_ALLOWED.rawValue:
            // The stream, or the session, has come to its end meanwhile: its handler hears of that.
            return
        default:
            guard let stream = stream(id) else { return }
            abandon(stream, because: HTTP2Session.error(code, "HEADERS").description)
        }
    }

    // MARK: The session as a whole

    /// The first of two GOAWAYs: no stream is refused yet, and the client learns not to open more (RFC 9113 section 6.8).
    /// A PING follows it, whose answer shows that the client has seen the GOAWAY. nghttp2 lets a PING overtake
    /// everything that is queued, so it is submitted only once the GOAWAY has been drained.
    ///
    /// nghttp2's notice cannot say why, and a client without calls goes before it could hear so from the second GOAWAY:
    /// with a reason the frame is our own. grpc-go says it in both as well.
    package func announceShutdown(thenPing payload: UInt64, debugData: String = "") {
        guard let session = unsafe session else { return }
        if debugData.isEmpty {
            unsafe check(nghttp2_submit_shutdown_notice(session), "GOAWAY")
        } else {
            let debug = Array(debugData.utf8.prefix(HTTP2Session.maxDebugBytes))
            // RFC 9113 sections 4.1 and 6.8: length, type 7, no flags, stream 0; the highest stream id, NO_ERROR.
            frameToFollow =
                [0, 0, UInt8(8 + debug.count), 7, 0, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0] + debug
        }
        pingToFollow = payload
    }

    /// So that a frame's length has one byte that is not zero.
    private static let maxDebugBytes = 128

    /// GOAWAY with the last stream that was processed. Later streams are ignored; the session ends with its last stream.
    package func goAway(_ code: HTTP2ErrorCode, debugData: String = "") {
        guard let session = unsafe session else { return }
        let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
        let debug = Array(debugData.utf8)
        unsafe check(nghttp2_submit_goaway(session, 0, last, code.rawValue, debug, debug.count), "GOAWAY")
    }

    package func ping(_ payload: UInt64) {
        guard let session = unsafe session else { return }
        unsafe withUnsafeBytes(of: payload.bigEndian) {
            let bytes = unsafe $0.baseAddress?.assumingMemoryBound(to: UInt8.self)
            unsafe check(nghttp2_submit_ping(session, 0, bytes), "PING")
        }
    }

    // MARK: Windows

    /// Gives back so much of the window of a stream that holds it (`HTTP2Stream.holdsWindow`). Answers whether the peer
    /// may have to be told, that is whether the session is worth draining.
    @discardableResult
    package func release(_ count: Int, of stream: HTTP2Stream) -> Bool {
        stream.released += count
        guard let session = unsafe session, !stream.isClosed, stream.released >= windowStep else { return false }
        unsafe check(nghttp2_session_consume_stream(session, stream.id, stream.released), "stream window")
        stream.released = 0
        return true
    }
}
