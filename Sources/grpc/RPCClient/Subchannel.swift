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
    let address: SocketAddress
    private let context: TransportContext
    private let configuration: ChannelConfiguration
    private let tracer: (any ClientTracer)?
    private let stateChanged: (SubchannelID, SubchannelState) -> Void
    private var machine: SubchannelMachine
    private var keepalive: KeepaliveParameters
    /// The connection that new calls go to. One that drains is let go, and ends by itself.
    private(set) var transport: ClientTransport?
    private var timer: Timer?
    private(set) var lastError: String?
    private(set) var lastGoAway: String?
    private var lastDisconnect = DisconnectError.unknown
    var picks = 0
    var inFlight = 0

    init(
        id: SubchannelID, address: SocketAddress, context: TransportContext, configuration: ChannelConfiguration,
        tracer: (any ClientTracer)?, stateChanged: @escaping (SubchannelID, SubchannelState) -> Void
    ) {
        self.id = id
        self.address = address
        self.context = context
        self.configuration = configuration
        self.tracer = tracer
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
    func shutdown() {
        if machine.state == .ready { tracer?.disconnected(.subchannelShutdown) }
        machine.shutdown()
        timer?.cancel()
        timer = nil
        let transport = transport
        self.transport = nil
        if let transport {
            if transport.acceptsCalls { transport.drain() } else { transport.close(because: "no longer needed") }
        }
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
        if case .transientFailure(let error) = state { lastError = error.message }
        if let tracer { report(state, after: before, to: tracer) }
        stateChanged(id, state)
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

    private func startTransport() {
        do throws(RPCError) {
            transport = try ClientTransport(
                to: address, context: context, configuration: configuration.http2, keepalive: keepalive,
                dialer: configuration.dialer, delegate: self)
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

    func transportReceivedGoAway(_ transport: ClientTransport, _ reason: String) { lastGoAway = reason }

    func transportDraining(_ transport: ClientTransport, reason: String, tooManyPings: Bool) {
        guard transport === self.transport else { return }
        if tooManyPings { keepalive.slowDown() }
        lost(transport, reason)
    }

    func transportClosed(_ transport: ClientTransport, reason: String) {
        guard transport === self.transport else { return }
        lastError = reason
        lost(transport, reason)
    }

    private func lost(_ transport: ClientTransport, _ reason: String) {
        lastDisconnect = transport.disconnectError ?? .unknown
        let service = SubchannelMachine.Service(
            hasAnswered: transport.hasAnswered, endedGracefully: lastDisconnect == .goAway(.noError))
        self.transport = nil
        apply { machine in
            machine.transportEnded(RPCError(.unavailable, reason), service, at: context.loop.now)
            return .none
        }
    }
}
