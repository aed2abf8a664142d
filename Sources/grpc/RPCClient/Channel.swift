package import Events
import HTTP2
package import LoadBalancing
package import RPCCore
import RPCTransport
import Timing

/// A gRPC channel: a target's servers, found by a resolver, chosen by a policy.
///
/// It belongs to one loop, and so do all its connections and calls; with several loops each has a channel of its own,
/// so that no call crosses a thread.
package final class Channel {
    package let target: Target
    /// No other channel of this process has it.
    package let number = EntityNumber.next()
    package let loop: EventLoop
    let created: Instant
    var calls = CallFigures()
    let tracer: (any ClientTracer)?
    private let interceptors: [ClientInterceptor]
    let configuration: ChannelConfiguration
    private let context: TransportContext
    let story: ChannelStory
    private var heads: RequestHeads
    /// Hears of the metadata that an answer begins with, on every attempt of every call, unless the head is that of the answer
    /// before on the same connection, byte for byte; of an answer that is nothing but its trailers, always of theirs.
    package var answerBegan: ((Metadata) -> Void)?

    // What the policy says, and what it has made.
    let runner: PolicyRunner
    let subchannels = SubchannelTable()
    private(set) var picker = Picker.idle
    private(set) var state = ConnectivityState.idle
    var watch = StateWatch()
    private var queue = CallQueue()

    // See Channel+Resolution.swift.
    let makeResolver: () throws(RPCError) -> any Resolver
    /// nil while the channel is IDLE.
    var resolver: (any Resolver)?
    /// The sum of those before it.
    var earlierLookups = ResolverSnapshot()
    /// The resolver has said something, be it that it found nothing.
    var isResolved = false
    var active: ActiveConfig
    var throttle: RetryThrottle? { active.throttle }
    /// Of requests, for another attempt: see `ChannelConfiguration.retryBufferBytes`.
    var keptBytes = 0
    /// A resolution has brought a service config that can be used, or told that there is none.
    var hasServiceConfig = false
    var idleness: ChannelIdleness
    private(set) var idleTimer: Timer?
    /// Runs while no resolver can be made.
    var retryTimer: Timer?
    /// Why the channel went to IDLE by itself, as long as it is.
    package internal(set) var idleReason: String?

    /// `resolver` is made anew each time that the channel leaves IDLE.
    package init(
        target: Target, resolver: @autoclosure @escaping () throws(RPCError) -> any Resolver,
        policy: any LoadBalancingPolicy, on loop: EventLoop,
        configuration: ChannelConfiguration = ChannelConfiguration(), tracers: [any ClientTracer] = [],
        interceptors: [ClientInterceptor] = []
    ) {
        self.target = target
        tracer = CombinedTracer.of(tracers)
        self.interceptors = interceptors
        self.loop = loop
        created = loop.now
        self.configuration = configuration
        makeResolver = resolver
        context = TransportContext(on: loop)
        active = ActiveConfig(configuration.serviceConfig, sharing: configuration.retryThrottle)
        idleness = ChannelIdleness(timeout: configuration.idleTimeout)
        story = ChannelStory(of: target, number, on: loop, patience: configuration.goAwayPatience, to: tracer)
        heads = RequestHeads(authority: target.requestAuthority, userAgent: configuration.userAgent)
        runner = PolicyRunner(policy, on: loop)
        runner.perform = { [weak self] in self?.perform($0) }
        runner.switched = { [weak self] in self?.policyHasSwitched() }
        if idleness.timeout != nil { idleTimer = Timer(on: loop) { [weak self] in self?.idleTimerFired() } }
    }

    // MARK: Calls

    /// One unary call, from a task on the channel's loop; cancelling the task cancels the call.
    package func unary(
        _ method: MethodDescriptor, request: consuming OutgoingMessage, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> UnaryResponse {
        // The usual call passes through no function that keeps more than it needs: every frame costs an allocation.
        guard interceptors.isEmpty else { return try await intercepted(method, request, options) }
        return try await ClientCall(self, method, options, isUnary: true).run(request)
    }

    @inline(never)
    private func intercepted(
        _ method: MethodDescriptor, _ request: consuming OutgoingMessage, _ options: CallOptions
    ) async throws(RPCError) -> UnaryResponse {
        try await begin(method, options).unary(request)
    }

    /// A call of any type, which begins at once. Loop thread only.
    package func stream(_ method: MethodDescriptor, options: CallOptions = CallOptions()) -> any ClientStream {
        begin(method, options)
    }

    /// The same with the one message that is its request.
    package func stream(
        _ method: MethodDescriptor, request: consuming OutgoingMessage, options: CallOptions = CallOptions()
    ) throws(RPCError) -> any ClientStream {
        guard interceptors.isEmpty else {
            let stream = begin(method, options)
            try stream.sendLast(request)
            return stream
        }
        let call = ClientCall(self, method, options, isUnary: false)
        // Ahead of the beginning, so that it goes out with the head.
        try call.sendLast(request)
        call.begin()
        return CallHandle(call)
    }

    /// Through all interceptors, the first one outermost.
    private func begin(_ method: MethodDescriptor, _ options: CallOptions, from index: Int = 0) -> any ClientStream {
        if index < interceptors.count {
            return interceptors[index](method, options) { self.begin($0, $1, from: index + 1) }
        }
        let call = ClientCall(self, method, options, isUnary: false)
        call.begin()
        return CallHandle(call)
    }

    /// What goes before a request on a connection with this scheme, for as long as `body` runs.
    func withHead(
        of method: MethodDescriptor, _ particulars: RequestParticulars, scheme: String, _ body: (HeaderBlock) -> Void
    ) {
        // Out of the table: `body` may bring another call.
        var head = heads.take(method, scheme: scheme)
        let common = head.mark
        particulars.append(to: &head)
        body(head)
        head.removeAll(after: common)
        heads.giveBack(head, of: method, scheme: scheme)
    }

    /// Picks a subchannel for a call, or lets it wait for the next picker.
    func dispatch(_ call: ClientCall) {
        if call.hasEnded { return }
        if isResolved {
            if active.hasMethods, let configuration = active.configuration(of: call.info.method) {
                call.configure(configuration)
            }
            call.attemptBegins()
            // A tracer may have ended it.
            if call.hasEnded { return }
        }
        switch picker.pick(askPolicy: { runner.pick(call.info) }) {
        case .subchannel(let id, let tracked):
            guard let subchannel = subchannels[id], let transport = subchannel.transport, transport.acceptsCalls else {
                enqueue(call)
                if let tracked { callEnded(tracked, of: runner.number, .noConnection) }
                return
            }
            call.send(on: transport, of: subchannel, tracked)
        case .queue:
            enqueue(call)
        case .exitIdle:
            enqueue(call)
            exitIdle()
        case .fail(let error):
            guard call.waitForReady, state != .shutdown else { return call.fail(explain(error)) }
            enqueue(call)
        }
    }

    /// Tells the policy of a call that it wanted to hear of.
    func callEnded(_ call: TrackedCall, of policyNumber: Int, _ outcome: CallOutcome) {
        runner.callEnded(call, of: policyNumber, outcome)
    }

    private func enqueue(_ call: ClientCall) {
        call.waitingFor = "\(target) is \(state.rawValue)" + (lastFailure.map { ", last error: \($0)" } ?? "")
        queue.append(call)
    }

    /// The newest one, and only of those that are still without a connection: an old one explains nothing.
    private var lastFailure: String? {
        let problems = subchannels.lazy.filter { $0.connectivity != .ready }.compactMap(\.lastError)
        return problems.max { $0.time < $1.time }?.reason ?? resolver?.snapshot.lastError
    }

    private func explain(_ error: RPCError) -> RPCError {
        RPCError(error.code, "\(target): \(error.message)", metadata: error.metadata)
    }

    // MARK: What the policy says

    private func perform(_ command: PolicyCommand) {
        switch command {
        case .create(let id, let address):
            subchannels.insert(
                Subchannel(
                    id: id, address: address, context: context, configuration: configuration,
                    tracer: tracer, story: story
                ) { [weak self] id, state in
                    self?.subchannelChanged(id, state)
                })
        case .connect(let id):
            subchannels[id]?.connect()
        case .remove(let id):
            subchannels.remove(id)?.shutdown(because: runner.reason ?? "its address is no longer wanted")
        case .resolveAgain:
            resolver?.resolveAgain(urgent: !subchannels.contains { $0.connectivity == .ready })
        case .update(let state, let picker):
            update(state, picker)
        case .startTimer, .stopTimer:
            break  // the runner's
        }
    }

    func update(_ state: ConnectivityState, _ picker: Picker) {
        let before = self.state
        if state != before { story.tell(.state(from: before, to: state, reason: state == .idle ? idleReason : nil)) }
        self.state = state
        self.picker = picker
        if state != before { watch.changed(to: state) }
        guard !queue.isEmpty else { return }
        for call in queue.takeAll() { dispatch(call) }
    }

    /// Ends the channel: calls that wait fail, calls under way end by themselves.
    package func shutdown() {
        resolver?.shutdown()
        runner.shutdown()
        idleTimer?.cancel()
        retryTimer?.cancel()
        for subchannel in subchannels { subchannel.shutdown(because: "the channel ends") }
        subchannels.removeAll()
        update(.shutdown, .fail(RPCError(.unavailable, "the channel has been shut down")))
        story.tellAll()
    }

    /// What the resolver knows.
    package var resolverSnapshot: ResolverSnapshot {
        (resolver?.snapshot ?? ResolverSnapshot()).following(earlierLookups)
    }

    package var snapshot: ChannelSnapshot {
        let account = runner.policy.account(at: loop.now)
        let members = subchannels.map { subchannel in
            ChannelSnapshot.Subchannel(
                address: subchannel.address, state: subchannel.connectivity, picks: subchannel.picks,
                inFlight: subchannel.inFlight, health: subchannel.healthCheck?.health,
                account: account.servers[subchannel.id], lastError: subchannel.lastError,
                lastGoAway: subchannel.lastGoAway)
        }
        return ChannelSnapshot(
            target: target.description, policy: runner.name.serving,
            childPolicy: account.policies.count > 1 ? account.policies.last : nil, state: state,
            idleReason: idleReason, idleTimeout: idleness.timeout, resolver: resolverSnapshot,
            serviceConfig: active.snapshot, subchannels: members, queued: queue.waiting)
    }
}
