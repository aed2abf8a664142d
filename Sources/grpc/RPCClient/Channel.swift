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
    package let loop: EventLoop
    let tracer: (any ClientTracer)?
    private let interceptors: [ClientInterceptor]
    let configuration: ChannelConfiguration
    private let context: TransportContext
    private let story: ChannelStory
    private let resolver: any Resolver
    private(set) var policy: any LoadBalancingPolicy
    /// Counts the policies that this channel has had: a new one is not told of the old one's calls.
    private(set) var policyNumber = 0
    private(set) var active: ActiveConfig
    var throttle: RetryThrottle? { active.throttle }
    /// A resolution has brought a service config that can be used, or told that there is none.
    private var hasServiceConfig = false
    let subchannels = SubchannelTable()
    private var picker = Picker.idle
    private var state = ConnectivityState.idle
    /// Is called once: when the channel is READY for the first time.
    package var becameReady: (() -> Void)?
    /// Hears of the metadata that an answer begins with, on every attempt of every call, unless the head is that of the answer
    /// before on the same connection, byte for byte; of an answer that is nothing but its trailers, always of theirs.
    package var answerBegan: ((Metadata) -> Void)?
    private var isResolving = false
    /// The resolver has said something, be it that it found nothing.
    private var isResolved = false
    private var queue: [ClientCall] = []
    /// The length of the queue at which it is looked through next.
    private var queueSweep = 64
    typealias PolicyInput = (inout any LoadBalancingPolicy, inout ChannelControlHelper) -> Void
    private var inputs: [PolicyInput] = []
    private var helper = ChannelControlHelper()
    private var isFeeding = false
    /// The policy is going to hear that a call wants a connection.
    private var isLeavingIdle = false
    private var policyTimers: [TimerID: Timer] = [:]
    private var heads: RequestHeads

    package init(
        target: Target, resolver: any Resolver, policy: any LoadBalancingPolicy, on loop: EventLoop,
        configuration: ChannelConfiguration = ChannelConfiguration(), tracers: [any ClientTracer] = [],
        interceptors: [ClientInterceptor] = []
    ) {
        self.target = target
        tracer = CombinedTracer.of(tracers)
        self.interceptors = interceptors
        self.loop = loop
        self.configuration = configuration
        self.resolver = resolver
        self.policy = policy
        context = TransportContext(on: loop)
        active = ActiveConfig(configuration.serviceConfig, sharing: configuration.retryThrottle)
        story = ChannelStory(of: target, on: loop, patience: configuration.goAwayPatience, to: tracer)
        // A path is no authority (RFC 3986 section 3.2): servers refuse it.
        let authority = target.scheme == "unix" ? "localhost" : target.endpoint
        heads = RequestHeads(authority: authority, userAgent: configuration.userAgent)
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
        switch picker.pick(askPolicy: { policy.pick(call.info, at: loop.now) }) {
        case .subchannel(let id, let tracked):
            guard let subchannel = subchannels[id], let transport = subchannel.transport, transport.acceptsCalls else {
                enqueue(call)
                if let tracked { callEnded(tracked, of: policyNumber, .noConnection) }
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

    /// Tells the policy of a call that it wanted to hear of. This happens for each call, so it allocates nothing, unless
    /// the policy is at another input.
    func callEnded(_ call: TrackedCall, of policyNumber: Int, _ outcome: CallOutcome) {
        if isFeeding {
            return feed { if policyNumber == self.policyNumber { $0.callEnded(call, outcome, &$1) } }
        }
        guard policyNumber == self.policyNumber, state != .shutdown else { return }
        isFeeding = true
        helper.now = loop.now
        policy.callEnded(call, outcome, &helper)
        carryOut()
    }

    private func enqueue(_ call: ClientCall) {
        call.waitingFor = "\(target) is \(state.rawValue)" + (lastFailure.map { ", last error: \($0)" } ?? "")
        // Calls whose deadline passed while they waited are not worth keeping.
        if queue.count >= queueSweep {
            queue.removeAll(where: \.hasEnded)
            queueSweep = max(64, queue.count * 2)
        }
        queue.append(call)
    }

    /// The newest one, and only of those that are still without a connection: an old one explains nothing.
    private var lastFailure: String? {
        let problems = subchannels.lazy.filter { $0.connectivity != .ready }.compactMap(\.lastError)
        return problems.max { $0.time < $1.time }?.reason ?? resolver.snapshot.lastError
    }

    private func explain(_ error: RPCError) -> RPCError {
        RPCError(error.code, "\(target): \(error.message)", metadata: error.metadata)
    }

    // MARK: Connecting

    /// Leaves IDLE without waiting for a call.
    package func connect() {
        if case .idle = picker { exitIdle() }
    }

    private func exitIdle() {
        guard isResolving else {
            isResolving = true
            update(.connecting, .queue)
            resolver.lookupFailed = { [weak self] error in
                guard let self else { return }
                story.tell(.failure(error), resolver.snapshot)
            }
            return resolver.start { [weak self] result in self?.resolved(result) ?? .refused }
        }
        // Every call that waits would ask for it, and each time all of them be looked at again.
        guard !isLeavingIdle else { return }
        isLeavingIdle = true
        feed {
            self.isLeavingIdle = false
            $0.exitIdle(&$1)
        }
    }

    private func resolved(_ result: Result<Resolution, RPCError>) -> Acceptance {
        isResolved = true
        story.tell(result, resolver.snapshot)
        switch result {
        case .success(let update):
            return resolved(update)
        case .failure(let error):
            feed { $0.resolverFailed(error, &$1) }
            return .refused
        }
    }

    /// A service config that cannot be used leaves the last one in force; without one, the resolution has failed
    /// (gRFC A21).
    private func resolved(_ update: Resolution) -> Acceptance {
        // Should someone make the resolver report from within an input, then the answer comes too late to be given.
        var acceptance = Acceptance.accepted
        switch update.serviceConfig {
        case .failure(let error)? where !hasServiceConfig:
            feed { $0.resolverFailed(error, &$1) }
            return .refused
        case .failure?:
            feed { _ = $0.resolved(update, &$1) }
            return .refused
        case .success(let config)?:
            use(config)
        case nil:
            use(configuration.serviceConfig)
        }
        feed { acceptance = $0.resolved(update, &$1) }
        hasServiceConfig = true
        return acceptance
    }

    private func use(_ config: ServiceConfig) {
        if config == active.config { return }
        let known = active.config.policy
        if let wanted = config.policy, wanted != known, known != nil || wanted.name.rawValue != type(of: policy).name {
            change(to: wanted)
        }
        let service = active.config.healthCheckService
        active = ActiveConfig(config, sharing: active.throttle ?? configuration.retryThrottle)
        if service != config.healthCheckService { healthServiceChanged() }
    }

    /// Begins anew with another policy: its calls wait until it is ready.
    private func change(to wanted: LoadBalancingConfiguration) {
        feed { policy, helper in
            self.policyNumber += 1
            policy.shutdown(&helper)
            policy = wanted.makePolicy(seed: .random(in: 0 ... .max))
            helper.update(.connecting, .queue)
        }
    }

    /// Gives the policy one input at a time: carrying out its commands may already bring the next.
    func feed(_ input: @escaping PolicyInput) {
        // What comes after the end changes nothing.
        if state == .shutdown { return }
        inputs.append(input)
        guard !isFeeding else { return }
        isFeeding = true
        carryOut()
    }

    /// What the policy has asked for, and then the inputs that have come meanwhile.
    private func carryOut() {
        // By place: what is taken from the front of an array is paid for by everything behind it.
        var next = 0
        while true {
            if !helper.isEmpty { for command in helper.takeCommands() where state != .shutdown { perform(command) } }
            guard next < inputs.count else { break }
            helper.now = loop.now
            inputs[next](&policy, &helper)
            next += 1
        }
        if next > 0 { inputs = [] }
        isFeeding = false
    }

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
            subchannels.remove(id)?.shutdown(because: "its address is no longer wanted")
        case .resolveAgain:
            resolver.resolveAgain(urgent: !subchannels.contains { $0.connectivity == .ready })
        case .startTimer(let id, let delay):
            let timer = Timer(on: loop) { [weak self] in self?.timerFired(id) }
            timer.schedule(after: delay)
            policyTimers[id] = timer
        case .stopTimer(let id):
            policyTimers.removeValue(forKey: id)?.cancel()
        case .update(let state, let picker):
            update(state, picker)
        }
    }

    private func timerFired(_ id: TimerID) {
        policyTimers[id] = nil
        feed { $0.timerFired(id, &$1) }
    }

    private func update(_ state: ConnectivityState, _ picker: Picker) {
        if state != self.state { story.tell(.state(from: self.state, to: state)) }
        self.state = state
        self.picker = picker
        if state == .ready {
            becameReady?()
            becameReady = nil
        }
        guard !queue.isEmpty else { return }
        let waiting = queue
        queue = []
        for call in waiting { dispatch(call) }
    }

    /// Ends the channel: calls that wait fail, calls under way end by themselves.
    package func shutdown() {
        resolver.shutdown()
        for timer in policyTimers.values { timer.cancel() }
        policyTimers = [:]
        for subchannel in subchannels { subchannel.shutdown(because: "the channel ends") }
        subchannels.removeAll()
        update(.shutdown, .fail(RPCError(.unavailable, "the channel has been shut down")))
        story.tellAll()
    }

    /// What the resolver knows.
    package var resolverSnapshot: ResolverSnapshot { resolver.snapshot }

    package var snapshot: ChannelSnapshot {
        let account = policy.account(at: loop.now)
        let members = subchannels.map { subchannel in
            ChannelSnapshot.Subchannel(
                address: subchannel.address, state: subchannel.connectivity, picks: subchannel.picks,
                inFlight: subchannel.inFlight, health: subchannel.healthCheck?.health,
                account: account.servers[subchannel.id], lastError: subchannel.lastError,
                lastGoAway: subchannel.lastGoAway)
        }
        return ChannelSnapshot(
            target: target.description, policy: type(of: policy).name,
            childPolicy: account.policies.count > 1 ? account.policies.last : nil, state: state,
            resolver: resolver.snapshot,
            serviceConfig: active.snapshot, subchannels: members, queued: queue.count { !$0.hasEnded })
    }
}
