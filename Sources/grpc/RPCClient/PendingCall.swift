import Events
import HTTP2
import LoadBalancing
import RPCCore
import RPCTransport
import Timing

/// One call as its caller sees it: it may wait for a connection, and be sent more than once if the server certainly did
/// not process it (transparent retry, gRFC A6). What becomes of its messages and of its end is for `UnaryCall` and
/// `StreamingCall` to say. Loop thread only.
class PendingCall: ClientCallDelegate {
    let waitForReady: Bool
    private let channel: Channel
    private let request: [UInt8]
    private let cardinality: ResponseReader.Cardinality
    private let timeout: Duration?
    private var timer: Timer?
    private var attempt: ClientCall?
    private var subchannel: Subchannel?
    private var transport: ClientTransport?
    private var wasRefused = false
    /// The connection that an attempt did not leave by, and why. The call does not try it again: that it could be picked
    /// at all would be a mistake, and the call would go round for ever.
    private var unsent: (transport: ClientTransport, error: RPCError)?
    /// This side has given the call up: the deadline has passed, or the caller wants no more of it.
    private(set) var isAborted = false
    private(set) var hasEnded = false
    /// For pickers that look at the call.
    let info: PickInfo
    /// What the policy that picked wants to hear the end of, and since when.
    private var tracked: (call: TrackedCall, policyNumber: Int, since: Instant)?
    /// nil if nobody observes.
    private var observation: CallObservation?
    /// Why the call is still waiting; it goes into the error if the deadline passes meanwhile.
    var waitingFor: String?

    init(
        channel: Channel, method: MethodDescriptor, request: [UInt8], expecting cardinality: ResponseReader.Cardinality,
        options: borrowing CallOptions
    ) {
        self.channel = channel
        self.request = request
        self.cardinality = cardinality
        timeout = options.timeout
        waitForReady = options.waitForReady
        info = PickInfo(method, metadata: options.metadata)
        observation = channel.observers.isEmpty ? nil : CallObservation()
    }

    var loop: EventLoop { channel.loop }

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
    func attemptBegins() {
        guard observation?.beginAttempt() == true else { return }
        for observer in channel.observers { observer.attemptStarted(info.method) }
    }

    private func attemptEnds(_ status: StatusCode, of attempt: ClientCall?) {
        let summary = observation?.endAttempt(
            status, sentMessageBytes: attempt?.sentMessageBytes ?? 0,
            receivedMessageBytes: attempt?.receivedMessageBytes ?? 0)
        guard let summary else { return }
        for observer in channel.observers { observer.attemptEnded(info.method, summary) }
    }

    /// Tells the policy, once for each pick.
    private func tell(
        _ tracked: (call: TrackedCall, policyNumber: Int, since: Instant), _ status: StatusCode, _ fate: CallFate,
        of attempt: ClientCall
    ) {
        let outcome = CallOutcome(
            status, wasSent: fate != .unsent, duration: channel.loop.now - tracked.since,
            trailers: attempt.trailingMetadata)
        channel.callEnded(tracked.call, of: tracked.policyNumber, outcome)
    }

    /// Sends the call on a subchannel's connection.
    func send(on transport: ClientTransport, of subchannel: Subchannel, _ tracked: TrackedCall?) {
        if let unsent, unsent.transport === transport {
            if let tracked { channel.callEnded(tracked, of: channel.policyNumber, .noConnection) }
            return end(unsent.error)
        }
        if let tracked { self.tracked = (tracked, channel.policyNumber, channel.loop.now) }
        waitingFor = nil
        var headers = channel.head(for: info, scheme: transport.scheme)
        if let timer {
            // What is left of it: the call may have waited, and the server's clock begins when it arrives.
            let remaining = (timer.deadline - channel.loop.now).nanoseconds
            headers.append("grpc-timeout", TimeoutHeader.format(nanoseconds: remaining), isIndexed: false)
        }
        let attempt = ClientCall(
            headers: headers, request: request, expecting: cardinality,
            maxMessageBytes: channel.configuration.maxMessageBytes, delegate: self)
        self.attempt = attempt
        self.subchannel = subchannel
        self.transport = transport
        subchannel.picks += 1
        subchannel.inFlight += 1
        transport.start(attempt)
    }

    /// See `ClientCall.release`.
    func release(_ count: Int) { attempt?.release(count) }

    private func deadlinePassed() {
        let after = timeout.map(DurationText.format) ?? ""
        let cause = waitingFor.map { " while waiting for a connection: \($0)" } ?? ""
        abort(RPCError(.deadlineExceeded, "no answer within \(after)\(cause)"))
    }

    func cancel() { abort(RPCError(.cancelled, "the caller cancelled the call")) }

    private func abort(_ error: RPCError) {
        if hasEnded { return }
        isAborted = true
        if let attempt { attempt.cancel(error) } else { end(error) }
    }

    /// Ends the call, once: with the status of `attempt`, or without one.
    func end(_ error: RPCError?, _ attempt: ClientCall? = nil) {
        guard !hasEnded else { return }
        hasEnded = true
        timer?.cancel()
        timer = nil
        report(error?.code ?? .ok)
        finished(error, attempt)
    }

    private func report(_ status: StatusCode) {
        guard let observation else { return }
        // It may have been waiting for a connection.
        attemptEnds(status, of: nil)
        let duration = observation.duration
        for observer in channel.observers { observer.callEnded(info.method, status: status, duration: duration) }
    }

    // MARK: For the kinds of calls

    func received(_ message: consuming ReceivedMessage) {}
    /// So many bytes of DATA have arrived, and the messages in them have been received.
    func received(dataBytes count: Int) {}
    /// The last call, exactly once. `attempt` is the one that brought the response.
    func finished(_ error: RPCError?, _ attempt: ClientCall?) {}

    // MARK: ClientCallDelegate

    final func call(_ call: ClientCall, received message: consuming ReceivedMessage) { received(message) }
    final func call(_ call: ClientCall, receivedData count: Int) { received(dataBytes: count) }

    final func call(_ call: ClientCall, endedWith error: RPCError?, _ fate: CallFate) {
        subchannel?.inFlight -= 1
        subchannel = nil
        attempt = nil
        let transport = transport
        self.transport = nil
        attemptEnds(error?.code ?? .ok, of: call)
        if let tracked {
            self.tracked = nil
            tell(tracked, error?.code ?? .ok, fate, of: call)
        }
        guard let error, !isAborted, !hasEnded else { return end(error, call) }
        switch fate {
        case .unsent:
            if let transport { unsent = (transport, error) }
            channel.dispatch(self)
        case .refused where !wasRefused:
            wasRefused = true
            channel.dispatch(self)
        case .refused, .processed:
            end(error, call)
        }
    }
}
