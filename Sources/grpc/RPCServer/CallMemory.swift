import HTTP2

/// What one call holds of the room that its server has for messages. Loop thread only.
struct CallMemory {
    /// For a call's own objects, its stream in nghttp2, its task; and for a request and a reply as they usually are.
    static let overhead = 8192
    /// So much of a request, fields included, and of a reply is in the overhead.
    static let usual = 1024

    /// What a message that waits for its handler takes besides its bytes: an array's head, its place in the queue. Without it
    /// 256 KiB of messages of one byte were 3 MiB that nobody counted.
    static let queuedMessage = 96

    private var requestBytes = 0
    /// What the connection counts besides the overhead.
    private var request = 0
    private var reply = 0
    /// A handler runs: it has the request, and goes on having it should the call end meanwhile.
    var isHandled = false

    private static func beyondUsual(_ count: Int) -> Int { max(0, count - usual) }

    /// So many bytes more of the request have come. False if there is no room for them.
    mutating func holdRequest(_ count: Int, on connection: ServerConnection) -> Bool {
        requestBytes += count
        let more = CallMemory.beyondUsual(requestBytes) - request
        guard more > 0 else { return true }
        guard connection.hold(more) else {
            requestBytes -= count
            return false
        }
        request += more
        return true
    }

    /// The handler has no more use for so many bytes of the request.
    mutating func letGoOfRequest(_ count: Int, on connection: ServerConnection) {
        guard count > 0 else { return }
        requestBytes -= count
        let less = request - CallMemory.beyondUsual(requestBytes)
        guard less > 0 else { return }
        connection.letGo(less)
        request -= less
    }

    /// The request has been handled, or is not going to be.
    mutating func dropRequest(on connection: ServerConnection) {
        guard request > 0, !isHandled else { return }
        connection.letGo(request)
        request = 0
    }

    /// So many bytes more are to be kept for the client. False if there is no room for them.
    mutating func holdReply(_ count: Int, with stream: HTTP2Stream, on connection: ServerConnection) -> Bool {
        let more = CallMemory.beyondUsual(stream.bufferedBytes + count) - reply
        if more > 0, !connection.hold(more) { return false }
        if more < 0 { connection.letGo(-more) }
        reply += more
        return true
    }

    /// The call's stream has closed: nothing is kept for the client any more. Once.
    mutating func streamClosed(on connection: ServerConnection) {
        connection.letGo(CallMemory.overhead + reply)
        reply = 0
    }
}
