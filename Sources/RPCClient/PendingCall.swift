import Events
import HTTP2
import RPCCore
import RPCTransport
import Timing

/// One call as its caller sees it: it may wait for a connection, and be sent more than once if the server certainly did
/// not process it (transparent retry, gRFC A6). Loop thread only.
final class PendingCall {
    let waitForReady: Bool
    let completion = Completion<Result<UnaryResponse, RPCError>>()
    private let channel: Channel
    private let headers: HeaderBlock
    private let request: [UInt8]
    private let maxMessageBytes: Int
    private let timeout: Duration?
    private var timer: Timer?
    private var attempt: ClientCall?
    private var wasRefused = false
    private var isAborted = false
    private(set) var hasEnded = false
    private var observation: CallObservation?
    /// Why the call is still waiting; it goes into the error if the deadline passes meanwhile.
    var waitingFor: String?

    init(
        channel: Channel, method: MethodDescriptor, headers: HeaderBlock, request: [UInt8], maxMessageBytes: Int,
        options: CallOptions
    ) {
        self.channel = channel
        self.headers = headers
        self.request = request
        self.maxMessageBytes = maxMessageBytes
        timeout = options.timeout
        waitForReady = options.waitForReady
        observation = CallObservation(channel.observers, method)
    }

    func begin() {
        // Its task was cancelled before it began.
        if hasEnded { return }
        if let timeout {
            let timer = Timer(on: channel.loop) { [weak self] in self?.deadlinePassed() }
            timer.schedule(after: timeout)
            self.timer = timer
        }
        channel.dispatch(self)
    }

    /// A connection is looked for, now that the target's addresses are known.
    func attemptBegins() { observation?.attemptBegins() }

    /// Sends the call on a connection. `ended` is called when this attempt is over.
    func send(on transport: ClientTransport, ended: @escaping () -> Void) {
        waitingFor = nil
        var headers = headers
        if let timer {
            // What is left of it: the call may have waited, and the server's clock begins when it arrives.
            let remaining = (timer.deadline - channel.loop.now).nanoseconds
            headers.append("grpc-timeout", TimeoutHeader.format(nanoseconds: remaining))
        }
        let attempt = ClientCall(headers: headers, request: request, maxMessageBytes: maxMessageBytes) {
            result, fate in
            ended()
            self.attemptEnded(result, fate)
        }
        self.attempt = attempt
        transport.start(attempt)
    }

    private func attemptEnded(_ result: Result<UnaryResponse, RPCError>, _ fate: CallFate) {
        observation?.attemptEnds(
            result.status, sentMessageBytes: attempt?.sentMessageBytes ?? 0,
            receivedMessageBytes: attempt?.receivedMessageBytes ?? 0)
        attempt = nil
        guard case .failure = result, !isAborted, !hasEnded else { return end(result) }
        switch fate {
        case .unsent:
            channel.dispatch(self)
        case .refused where !wasRefused:
            wasRefused = true
            channel.dispatch(self)
        case .refused, .processed:
            end(result)
        }
    }

    private func deadlinePassed() {
        let after = timeout.map(DurationText.format) ?? ""
        let cause = waitingFor.map { " while waiting for a connection: \($0)" } ?? ""
        abort(RPCError(.deadlineExceeded, "no answer within \(after)\(cause)"))
    }

    func cancel() { abort(RPCError(.cancelled, "the caller cancelled the call")) }

    private func abort(_ error: RPCError) {
        isAborted = true
        if let attempt { attempt.cancel(error) } else { end(.failure(error)) }
    }

    func end(_ result: Result<UnaryResponse, RPCError>) {
        guard !hasEnded else { return }
        hasEnded = true
        timer?.cancel()
        timer = nil
        observation?.callEnds(result.status)
        completion.complete(result)
    }
}

extension Result<UnaryResponse, RPCError> {
    fileprivate var status: StatusCode {
        switch self {
        case .success: .ok
        case .failure(let error): error.code
        }
    }
}
