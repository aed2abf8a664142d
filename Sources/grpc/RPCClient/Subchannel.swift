import Addresses
import Events
import HTTP2
import LoadBalancing
import RPCCore
import RPCTransport
import Timing

/// One address of a channel: connects, reconnects with back-off, and lends its connection to calls. Loop thread only.
final class Subchannel: ClientTransportDelegate {
    let id: SubchannelID
    /// No other subchannel of this process has it.
    let number = EntityNumber.next()
    let created: Instant
    let address: SocketAddress
    private let context: TransportContext
    private let configuration: ChannelConfiguration
    private let tracer: (any ClientTracer)?
    private let story: ChannelStory
    private let stateChanged: (SubchannelID, SubchannelState) -> Void
    private var machine: SubchannelMachine
    private var keepalive: KeepaliveParameters
    /// The connection that new calls go to. One that drains is let go, and ends by itself.
    private(set) var transport: ClientTransport?
    /// Those that drain or are being made, too.
    private(set) var transports: [ClientTransport] = []
    private var timer: Timer?
    private(set) var lastError: PastProblem?
    private(set) var lastGoAway: PastProblem?
    private var lastDisconnect = DisconnectError.unknown
    private var connectedSince = Instant.distantFuture
    /// Of the connection that ends: what its server said, or why it is gone.
    private var end = End.lost("the connection was closed")
    /// Runs from READY on, as long as new calls go to the connection; nil if its health is nobody's affair.
    var healthCheck: HealthCheck?
    /// It is of the policy that only serves until the next one has connected, and so goes by the service config that it had.
    var isOutgoing = false
    /// The last connection that ended by GOAWAY, whose event waits for the reason.
    private var farewell: (transport: ClientTransport, ticket: ChannelStory.Ticket)?
    var picks = 0
    var inFlight = 0
    var succeeded = 0
    var lastPick = Instant.distantFuture
    /// Events that were about it.
    private(set) var events = 0

    init(
        id: SubchannelID, address: SocketAddress, context: TransportContext, configuration: ChannelConfiguration,
        tracer: (any ClientTracer)?, story: ChannelStory,
        stateChanged: @escaping (SubchannelID, SubchannelState) -> Void
    ) {
        self.id = id
        created = context.loop.now
        self.address = address
        self.context = context
        self.configuration = configuration
        self.tracer = tracer
        self.story = story
        self.stateChanged = stateChanged
        machine = SubchannelMachine(configuration.backoff, address: address)
        keepalive = configuration.keepalive
        timer = Timer(on: context.loop) { [weak self] in self?.timerFired() }
    }

    var connectivity: ConnectivityState { machine.state?.connectivity ?? .shutdown }

    func connect() {
        apply { $0.connect(at: context.loop.now, random: Double.random(in: 0..<1)) }
    }

    /// Calls under way end by themselves.
    func shutdown(because reason: String) {
        if machine.state == .ready {
            tracer?.disconnected(.subchannelShutdown)
            tell(.connectionClosed(address, reason: reason, age: age))
        }
        endHealthCheck()
        machine.shutdown()
        timer?.cancel()
        timer = nil
        let transport = transport
        self.transport = nil
        if let transport {
            if transport.acceptsCalls { transport.drain() } else { transport.close(because: "no longer needed") }
        }
    }

    /// Its stream would keep a connection open that drains.
    func endHealthCheck() {
        healthCheck?.end()
        healthCheck = nil
    }

    private func timerFired() {
        apply { $0.timerFired(at: context.loop.now) }
    }

    /// Runs one input of the machine, does what it says, and reports the state if it is another one now.
    private func apply(_ input: (inout SubchannelMachine) -> SubchannelMachine.Action) {
        let before = machine.state
        switch input(&machine) {
        case .none: break
        case .startTransport: startTransport()
        case .abandonTransport:
            let doomed = transport
            transport = nil
            doomed?.close(because: "connecting to \(address) took too long")
        }
        timer?.schedule(at: machine.deadline)
        guard let state = machine.state, state != before else { return }
        if case .transientFailure(let error) = state { lastError = PastProblem(error.message, at: context.loop.now) }
        if state == .ready { connectedSince = context.loop.now }
        if let tracer { report(state, after: before, to: tracer) }
        tell(state, after: before)
        stateChanged(id, state)
    }

    private var age: Duration { context.loop.now - connectedSince }

    private func tell(_ state: SubchannelState, after before: SubchannelState?) {
        switch state {
        case .connecting: return
        case .ready: tell(.connected(address))
        case .idle: if before == .ready { tellEnd(retryIn: nil) }
        case .transientFailure(let error):
            let retryIn = max(machine.deadline - context.loop.now, .zero)
            guard before != .ready else { return tellEnd(retryIn: retryIn) }
            tell(
                .connectFailed(address, reason: ChannelEvent.cause(error.message, of: address), retryIn: retryIn))
        }
    }

    private func report(_ state: SubchannelState, after before: SubchannelState?, to tracer: any ClientTracer) {
        switch state {
        case .ready: tracer.connectionAttemptSucceeded()
        case .transientFailure:
            if before == .ready { tracer.disconnected(lastDisconnect) } else { tracer.connectionAttemptFailed() }
        case .idle: if before == .ready { tracer.disconnected(lastDisconnect) }
        case .connecting: return
        }
    }

    private func tellEnd(retryIn: Duration?) {
        switch end {
        case .lost(let reason): tell(.connectionLost(address, reason: reason, age: age, retryIn: retryIn))
        case .goAway(let goAway, let transport):
            let event = ChannelEvent.Kind.goAway(address, goAway, age: age, retryIn: retryIn)
            guard goAway.isFirstOfTwo else { return tell(event) }
            events += 1
            farewell = (transport, story.tellLater(event, about: number))
        }
    }

    private func tell(_ event: ChannelEvent.Kind) {
        events += 1
        story.tell(event, about: number)
    }

    /// The reason of the last GOAWAY is known, or will not be.
    private func farewellEnds(_ transport: ClientTransport, _ goAway: GoAway?) {
        guard let farewell, farewell.transport === transport else { return }
        self.farewell = nil
        story.complete(farewell.ticket, with: goAway)
    }

    private func startTransport() {
        do throws(RPCError) {
            let transport = try ClientTransport(
                to: address, context: context, configuration: configuration.http2, keepalive: keepalive,
                dialer: configuration.dialer, delegate: self)
            self.transport = transport
            transports.append(transport)
        } catch {
            machine.transportEnded(error, nil, at: context.loop.now)
        }
    }

    // MARK: ClientTransportDelegate

    func transportReady(_ transport: ClientTransport) {
        guard transport === self.transport else { return }
        apply { machine in
            machine.transportReady(at: context.loop.now)
            return .none
        }
    }

    func transportReceivedGoAway(_ transport: ClientTransport, _ goAway: GoAway) {
        lastGoAway = PastProblem(goAway.explanation, at: context.loop.now)
        if transport === self.transport { end = .goAway(goAway, transport) } else { farewellEnds(transport, goAway) }
    }

    func transportDraining(_ transport: ClientTransport, reason: String, tooManyPings: Bool) {
        guard transport === self.transport else { return }
        if tooManyPings { keepalive.slowDown() }
        lost(transport, reason)
    }

    func transportClosed(_ transport: ClientTransport, reason: String) {
        farewellEnds(transport, nil)
        transports.removeAll { $0 === transport }
        guard transport === self.transport else { return }
        lastError = PastProblem(reason, at: context.loop.now)
        lost(transport, reason)
    }

    private func lost(_ transport: ClientTransport, _ reason: String) {
        lastDisconnect = transport.disconnectError ?? .unknown
        let service = SubchannelMachine.Service(
            hasAnswered: transport.hasAnswered, endedGracefully: lastDisconnect == .goAway(.noError))
        self.transport = nil
        defer { end = .lost("the connection was closed") }
        if case .goAway = lastDisconnect {} else { end = .lost(ChannelEvent.cause(reason, of: address)) }
        apply { machine in
            machine.transportEnded(RPCError(.unavailable, reason), service, at: context.loop.now)
            return .none
        }
    }

    /// How a connection came to its end.
    private enum End {
        case goAway(GoAway, ClientTransport)
        case lost(String)
    }
}
