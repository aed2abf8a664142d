import Timing

extension HTTP1ServerSession {
    package struct Bounds: Equatable, Sendable {
        /// Bytes of further pipelined requests kept while one is being answered; then reading stops.
        package var pipelinedBytes: Int
        /// Bytes of output that the peer has not taken; then no further pipelined request is started.
        package var pendingOutputBytes: Int
        /// Bytes a second, on average over `HTTP1Limits.responseWriteTime`.
        package var slowestFileReading: Int

        package init(pipelinedBytes: Int, pendingOutputBytes: Int, slowestFileReading: Int) {
            self.pipelinedBytes = pipelinedBytes
            self.pendingOutputBytes = pendingOutputBytes
            self.slowestFileReading = slowestFileReading
        }
    }

    /// How far the server is on its way to its end.
    package enum Stopping: Comparable, Sendable {
        case no
        /// Every response asks its client to close.
        case announced
        /// And a connection ends as soon as it has nothing to answer.
        case closingIdle
    }

    /// What a response's body is.
    package enum Body {
        case bytes([UInt8])
        case file(count: Int)
        /// Is produced while it is sent.
        case stream
    }

    enum Phase: Equatable {
        /// There may be more of a request in what has come.
        case reading
        /// More has to come first.
        case waiting
        /// What came is no request: see `Exchange.refusal`.
        case refusing
        /// A handler has the request.
        case handling
        /// A handler's function produces the body.
        case streaming(Producer)
        /// A file goes out as the body.
        case sendingFile(File)
        /// The last response is written, perhaps not sent.
        case ending(Ending)
        /// The stream was told to end.
        case ended
        /// It has closed; nobody knows yet.
        case closing
        case closed
    }

    enum Producer: Equatable {
        /// The head waits for the first piece, as long as the handler is being started.
        case begun
        case running
        /// The client is behind.
        case held
        /// It has caught up; the producer does not know yet.
        case released
    }

    enum File: Equatable {
        case ready
        /// With so many bytes left when the client's time began.
        case going(left: Int)
    }

    enum Ending: Equatable {
        case finish
        case abort
        case close
    }

    enum Handler {
        case none
        /// Its first part runs, in the call that starts it.
        case starting
        case running
        /// Nobody waits for it any more; it does not know yet.
        case cancelling
        case cancelled
    }

    enum Input {
        case flowing
        case paused
        /// The client has ended its output. It may still read, so what it asked for is answered; but nearly always it
        /// is gone, so the work that is under way is cancelled.
        case ended
    }

    /// The request on its way in, or being answered.
    struct Exchange {
        var head: HTTPRequestHead?
        private(set) var body: [UInt8] = []
        var arrival: Instant?
        var serializer = HTTP1ResponseSerializer(to: .get, version: .http11, keepAlive: false)
        var status = HTTPStatus.ok
        /// What is wrong with what came.
        var refusal: HTTP1Error?
        /// Handlers of a client that has gone are cancelled, and what they then fail with is its own doing.
        var isCancelled = false

        mutating func append(_ piece: [UInt8]) {
            if body.isEmpty { body = piece } else { body.append(contentsOf: piece) }
        }

        /// Hands the body out, and does not keep it.
        mutating func takeBody() -> [UInt8] {
            defer { body = [] }
            return body
        }
    }
}

extension HTTP1Error {
    /// 408: the peer did not send this part of its request in time.
    static func incomplete(_ part: String, after time: Duration) -> HTTP1Error {
        HTTP1Error(.requestTimeout, "the \(part) was not complete after \(DurationText.format(time))")
    }
}
