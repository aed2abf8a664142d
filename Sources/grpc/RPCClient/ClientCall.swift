import Addresses
import Events
import HTTP2
import LoadBalancing
import RPCCore
import RPCTransport
import Timing

/// One call: carries out what its machine says, on the channel and on one attempt after the other. Loop thread only.
///
/// How the caller talks to it is in `ClientCall+Caller.swift`.
final class ClientCall: CallAttemptDelegate {
    let channel: Channel
    /// For pickers that look at the call.
    let info: PickInfo
    private(set) var waitForReady: Bool
    /// What the service config says of the call, from when the target's addresses are known.
    private var settings = CallSettings()
    private var machine: CallMachine
    private let timeout: Duration?
    private let deadline: Instant
    private let encoding: MessageEncoding
    private var began = Instant.distantFuture
    /// Its part of what the channel keeps for other attempts.
    private var keptBytes = 0
    private var timer: Timer?
    private var backoffTimer: Timer?
    private var attempt: CallAttempt?
    private var subchannel: Subchannel?
    /// The attempt that has brought the head of an answer, or the last one.
    private(set) var answer: CallAttempt?
    private(set) var hasHead = false
    /// Sizes of the messages that the attempt's tracer has not been told of.
    private var arrived: [Int] = []
    /// What the policy that picked wants to hear the end of, and since when.
    private var tracked: (call: TrackedCall, policyNumber: Int, since: Instant)?
    /// When the head of the tracked attempt's answer came.
    private var headCame: Instant?
    /// nil if nobody wants to hear of the call.
    private var trace: CallTrace?
    /// Why the call is still waiting; it goes into the error if the deadline passes meanwhile.
    var waitingFor: String?

    enum Outcome {
        case none
        case ended(RPCError?)
    }
    private(set) var outcome = Outcome.none

    /// The answer, if it is one message; else what has come of it and has not been taken.
    private(set) var reply = ReceivedMessage([])
    var replies = MessageQueue()
    private let isUnary: Bool
    /// Waits for the next message, or for the end.
    var receiver: Notice?
    /// Wait for the head of the answer.
    var metadataWaiters: [Notice] = []
    /// Wait for the server to read.
    var senders: [Notice] = []

    /// A unary call's reply goes to `reply`, once; any other's messages to `replies`.
    init(_ channel: Channel, _ method: MethodDescriptor, _ options: CallOptions, isUnary: Bool) {
        self.channel = channel
        self.isUnary = isUnary
        timeout = options.timeout
        deadline = options.deadline
        encoding = options.compression ?? channel.configuration.compression
        waitForReady = options.waitForReady ?? false
        settings.waitsAsConfigured = options.waitForReady == nil
        info = PickInfo(method, metadata: options.metadata)
        machine = CallMachine(method.type)
    }

    var loop: EventLoop { channel.loop }
    var hasEnded: Bool { machine.hasEnded }

    private func perform(_ action: CallMachine.Action) {
        switch action {
        case .none, .attempt, .deliver: break
        case .dispatch: channel.dispatch(self)
        case .send: sendRequests()
        case .retry(let delay):
            let timer = Timer(on: loop) { self.backoffEnded() }
            timer.schedule(after: delay)
            backoffTimer = timer
        case .stop(let error): attempt?.cancel(error)
        case .finish(let error): finish(error)
        }
    }

    // MARK: From the caller

    func begin() {
        channel.calls.begin(at: loop.now)
        // Its task was cancelled before it began.
        if machine.hasEnded { return }
        trace = channel.tracer?.callBegan(info.method, info.metadata).map(CallTrace.init)
        // By the tracer itself, say.
        if case .ended(let error) = outcome { return report(error) }
        let limit = timeout.map { min(deadline, loop.now + $0) } ?? deadline
        if limit != .distantFuture {
            guard limit > loop.now else {
                return perform(
                    machine.abort(RPCError(.deadlineExceeded, "the deadline had passed before the call began")))
            }
            // The call is kept until its end, at which the timer is let go.
            let timer = Timer(on: loop) { self.deadlinePassed() }
            timer.schedule(at: limit)
            self.timer = timer
            began = loop.now
        }
        perform(machine.begin())
    }

    func add(_ message: consuming OutgoingMessage) { perform(machine.send(message)) }
    func finishSending() { perform(machine.finishSending()) }
    func cancel() { abort(RPCError(.cancelled, "the caller cancelled the call")) }
    func abort(_ error: RPCError) { perform(machine.abort(error)) }

    private func deadlinePassed() {
        let own = timeout.flatMap { deadline < began + $0 ? nil : $0 }
        let time =
            settings.endingTimeout.map { "\(DurationText.format($0)), the service config's timeout" }
            ?? DurationText.format(own ?? deadline - began)
        let cause = waitingFor.map { " while waiting for a connection: \($0)" } ?? ""
        perform(machine.abort(RPCError(.deadlineExceeded, "no answer within \(time)\(cause)")))
    }

    private func backoffEnded() {
        backoffTimer = nil
        perform(machine.backoffEnded())
    }

    // MARK: From the channel

    /// Once, before a connection is looked for. The call's own options win; of two limits, the smaller one.
    func configure(_ configuration: MethodConfiguration) {
        guard settings.configure(configuration, sharing: channel.configuration) else { return }
        machine.retryPolicy = configuration.retryPolicy
        if settings.waitsAsConfigured { waitForReady = configuration.waitForReady ?? false }
        guard let timeout = configuration.timeout else { return }
        let limit = loop.now + timeout
        guard limit != .distantFuture, timer.map({ $0.deadline > limit }) ?? true else { return }
        settings.endingTimeout = timeout
        if timer == nil { timer = Timer(on: loop) { self.deadlinePassed() } }
        timer?.schedule(at: limit)
    }

    /// A connection is looked for, now that the target's addresses are known.
    func attemptBegins() {
        guard trace?.beginAttempt() == true else { return }
        let tracer = trace?.call.attemptBegan()
        trace?.attemptBegan(tracer)
        if machine.retries + machine.transparentRetries > 0 {
            tracer?.repeats(machine.retries, transparently: machine.transparentRetries)
        }
        if case .ended(let error) = outcome { report(error) }
    }

    /// There is no connection to be had.
    func fail(_ error: RPCError) { perform(machine.notPicked(error)) }

    /// Sends the call on a subchannel's connection.
    func send(on transport: ClientTransport, of subchannel: Subchannel, _ tracked: TrackedCall?) {
        let action = machine.picked(transport.number)
        guard case .attempt = action else {
            if let tracked { channel.callEnded(tracked, of: channel.runner.number, .noConnection) }
            return perform(action)
        }
        if let tracked {
            self.tracked = (tracked, channel.runner.number, loop.now)
            headCame = nil
        }
        waitingFor = nil
        let attempt = CallAttempt(
            expecting: info.method.type.bringsOneReply ? .one : .any,
            maxMessageBytes: settings.maxResponseBytes ?? channel.configuration.maxMessageBytes
                ?? MessageFraming.defaultMaxMessageBytes,
            maxRequestBytes: settings.maxRequestBytes, encoding: encoding, delegate: self)
        self.attempt = attempt
        self.subchannel = subchannel
        subchannel.picks += 1
        subchannel.inFlight += 1
        subchannel.lastPick = loop.now
        var particulars = RequestParticulars(
            metadata: info.metadata, previousAttempts: machine.failedAttempts, encoding: encoding)
        trace?.attempt?.sending(to: subchannel.address, adding: &particulars.added)
        // The tracer may have ended the call.
        guard self.attempt === attempt else { return }
        // What is left of it: the call may have waited, and the server's clock begins when it arrives.
        particulars.nanoseconds = timer.map { ($0.deadline - loop.now).nanoseconds }
        // Whatever becomes of this attempt at its start, it is this one's.
        let tracer = trace?.attempt
        channel.withHead(of: info.method, particulars, scheme: transport.scheme) { head in
            guard machine.requests.isSingle, let message = machine.requests.next() else {
                return transport.start(attempt, head, message: nil)
            }
            _ = machine.requests.takeEnd()
            let bytes = message.count
            transport.start(attempt, head, message: message)
            tracer?.messageSent(bytes)
        }
        sendRequests()
    }

    /// Gives the attempt what it has not got.
    private func sendRequests() {
        guard let attempt else { return }
        while let message = machine.requests.next() {
            trace?.attempt?.messageSent(message.count)
            attempt.send(message)
        }
        if machine.requests.takeEnd() { attempt.endRequest() }
        if !isUnary { countKept() }
        admitSenders()
    }

    private func countKept() {
        let bytes = machine.requests.repeatableBytes
        channel.keptBytes += bytes - keptBytes
        keptBytes = bytes
        guard bytes > 0, channel.keptBytes > channel.configuration.retryBufferBytes else { return }
        machine.requests.commit()
        channel.keptBytes -= bytes
        keptBytes = 0
    }

    // MARK: Flow control

    /// How much may wait for the server before whoever sends has to. A turn of the loop sends so much at least, which is
    /// not what limits a stream; a server that does not read makes each of its calls keep it.
    private static let sendBuffer = 4 * 1024

    /// Whether too much waits for the server.
    var isFull: Bool { backlog > ClientCall.sendBuffer && !machine.hasEnded }

    private var backlog: Int { machine.requests.waitingBytes + (attempt?.pendingBytes ?? 0) }

    /// Lets those go on who wait to send, or sees to it that they will be.
    func admitSenders() {
        if senders.isEmpty { return }
        if backlog > ClientCall.sendBuffer / 2, !machine.hasEnded {
            attempt?.awaitDrain(to: ClientCall.sendBuffer / 2)
            return
        }
        let waiting = senders
        senders = []
        for sender in waiting { sender.give() }
    }

    /// The caller has taken so much of the answer: the server may send as much more.
    func release(_ count: Int) { attempt?.release(count) }

    // MARK: The end

    private func finish(_ error: RPCError?) {
        outcome = .ended(error)
        channel.calls.end(error == nil)
        channel.idleness.callEnded(at: loop.now)
        if keptBytes > 0 { countKept() }
        if error == nil, let throttle = channel.throttle { throttle.succeeded() }
        timer?.cancel()
        timer = nil
        backoffTimer?.cancel()
        backoffTimer = nil
        // Else once the tracer has said who hears of the attempt.
        if trace?.isBeginning != true { report(error) }
        // Whoever has given the call up hears of that first.
        if machine.isAborted { replies.removeAll() }
        wakeReceiver()
        wakeMetadataWaiters()
        admitSenders()
    }

    private func report(_ error: RPCError?) {
        guard trace != nil else { return }
        // It may have been waiting for a connection.
        attemptEnds(error?.code ?? .ok, of: nil)
        if let trace {
            if machine.retries > 0 || machine.transparentRetries > 0 {
                trace.call.retried(machine.retries, transparently: machine.transparentRetries, delay: trace.retryDelay)
            }
            trace.call.ended(error?.code ?? .ok, trace.duration)
        }
        trace = nil
    }

    private func attemptEnds(_ status: StatusCode, of attempt: CallAttempt?) {
        let end = trace?.endAttempt(
            status, sentMessageBytes: attempt?.sentMessageBytes ?? 0,
            receivedMessageBytes: attempt?.receivedMessageBytes ?? 0)
        if let end { end.tracer.ended(end.summary) }
    }

    func wakeReceiver() {
        let waiting = receiver
        receiver = nil
        waiting?.give()
    }

    /// Not while the attempt reads: the tracer may look at the call, or end it.
    private func traceArrivals() {
        if arrived.isEmpty { return }
        let sizes = arrived
        arrived = []
        for size in sizes { trace?.attempt?.messageReceived(size) }
    }

    private func wakeMetadataWaiters() {
        if metadataWaiters.isEmpty { return }
        let waiting = metadataWaiters
        metadataWaiters = []
        for waiter in waiting { waiter.give() }
    }

    // MARK: CallAttemptDelegate

    func attemptReceivedHeaders(_ attempt: CallAttempt) {
        machine.headersArrived()
        if keptBytes > 0 { countKept() }
        if !attempt.repeatsHead { channel.answerBegan?(attempt.initialMetadata) }
        if tracked != nil { headCame = loop.now }
        if hasHead { return }
        hasHead = true
        answer = attempt
        trace?.attempt?.headersReceived()
        wakeMetadataWaiters()
    }

    func attempt(_ attempt: CallAttempt, received message: consuming ReceivedMessage) {
        guard case .deliver = machine.messageArrived() else { return }
        if trace?.attempt != nil { arrived.append(message.count) }
        if isUnary { reply = message } else { replies.append(message) }
    }

    func attempt(_ attempt: CallAttempt, receivedData count: Int) {
        traceArrivals()
        if isUnary { return }
        replies.receive(dataBytes: count)
        guard receiver != nil else { return }
        if replies.isEmpty { release(replies.awaitNext()) } else { wakeReceiver() }
    }

    func attemptDrained(_ attempt: CallAttempt) { admitSenders() }

    /// The one reply of an OK call belongs to its status: what cannot be expanded is none.
    private func expandReply() -> RPCError? {
        guard isUnary, reply.isCompressed else { return nil }
        do throws(RPCError) {
            reply = ReceivedMessage(try reply.content())
            return nil
        } catch {
            return error
        }
    }

    func attempt(_ attempt: CallAttempt, endedWith error: RPCError?, _ fate: CallFate) {
        let address = subchannel?.address
        self.attempt = nil
        if attempt.initialMetadata.isEmpty { channel.answerBegan?(attempt.trailingMetadata) }
        var error = error ?? expandReply()
        if let subchannel {
            subchannel.inFlight -= 1
            if error == nil { subchannel.succeeded += 1 }
            self.subchannel = nil
        }
        if error != nil { error?.server = address?.description }
        attemptEnds(error?.code ?? .ok, of: attempt)
        if let tracked {
            self.tracked = nil
            let duration = loop.now - tracked.since
            let outcome = CallOutcome(
                error?.code ?? .ok, wasSent: fate != .unsent, duration: duration,
                latency: info.method.type.bringsOneReply ? duration : headCame.map { $0 - tracked.since },
                trailers: attempt.trailingMetadata)
            channel.callEnded(tracked.call, of: tracked.policyNumber, outcome)
        }
        let action: CallMachine.Action
        if error != nil, machine.retryPolicy != nil || channel.throttle != nil {
            action = machine.attemptClosed(
                error, fate, pushback: RetryPolicy.Pushback(attempt.trailingMetadata),
                throttled: channel.throttle?.failed() ?? false, random: .random(in: 0..<1))
        } else {
            action = machine.attemptClosed(error, fate, random: 0)
        }
        if machine.hasEnded { answer = attempt }
        perform(action)
    }
}
