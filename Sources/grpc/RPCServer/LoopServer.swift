import Events
import HTTP2
import RPCCore
import RPCTransport
import System

/// The part of a server that lives on one loop: its connections, its handlers, its worker. Loop thread only.
final class LoopServer {
    let loop: EventLoop
    let configuration: RPCServer.Configuration
    let router: RPCRouter
    let tracers: [any ServerTracer]
    /// One of them wants to hear of headers and messages.
    let tracesMessages: Bool
    /// What every answer's headers begin with.
    let answerHead: FixedHeaders
    let worker: RequestWorker
    let context: TransportContext
    let acceptor: any StreamAcceptor
    /// Hears of each connection that has ended.
    private let ended: () -> Void
    private var budget: BudgetShare
    /// What the calls of one connection may hold.
    private let connectionLimit: Int
    private lazy var sweepTimer = Timer(on: loop) { [unowned self] in sweep() }
    /// Its timer runs.
    private var isSweeping = false
    private lazy var trimTimer = Timer(on: loop) { [unowned self] in trim() }
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    /// Of connections that are gone.
    private var callsBefore = CallFigures()
    private var isDraining = false
    /// Whom to tell when no connection is left.
    private var drained: [() -> Void] = []

    init(
        on loop: EventLoop, configuration: RPCServer.Configuration, acceptor: any StreamAcceptor,
        budget: MessageBudget, services: RPCServer.Services, ended: @escaping () -> Void
    ) {
        self.loop = loop
        self.configuration = configuration
        self.acceptor = acceptor
        self.ended = ended
        self.budget = BudgetShare(budget)
        connectionLimit = budget.limit / 4
        router = services.router.intercepted(by: services.interceptors)
        tracers = services.tracers
        answerHead = FixedHeaders(ServerCall.okHead.appending(services.answerMetadata))
        tracesMessages = services.tracers.contains { $0.hearsMessages }
        worker = RequestWorker(on: loop)
        context = TransportContext(on: loop)
    }

    func adopt(_ accepted: AcceptedConnection) {
        guard !isDraining else {
            accepted.discard()
            return ended()
        }
        // Fails when the process is out of descriptors or memory: the client sees a closed connection and tries again.
        guard let session = makeSession() else {
            accepted.discard()
            return ended()
        }
        let connection = try? ServerConnection(session, with: accepted.peer, owner: self) { below throws(SystemError) in
            try acceptor.accept(accepted, on: loop, delegate: below)
        }
        guard let connection else { return ended() }
        connections[ObjectIdentifier(connection)] = connection
    }

    /// The same for a stream that is open, and of which `bytes` have been read.
    func take(_ stream: any ByteStream, after bytes: Span<UInt8>) {
        let session = isDraining ? nil : makeSession()
        let connection = session.flatMap { session in
            try? ServerConnection(session, with: stream.peer, owner: self) { below in
                stream.delegate = below
                return stream
            }
        }
        guard let connection else {
            stream.close()
            return ended()
        }
        connections[ObjectIdentifier(connection)] = connection
        connection.receive(bytes)
    }

    private func makeSession() -> HTTP2Session? {
        try? HTTP2Session(role: .server, configuration: configuration.http2, memory: context.memory)
    }

    // MARK: What it can be asked

    var calls: CallFigures {
        connections.values.reduce(into: callsBefore) { $0.add($1.calls) }
    }

    /// Connections with this number and greater ones: the first so many of them.
    func sockets(from number: Int, most: Int) -> [SocketName] {
        connections.values.filter { $0.number >= number }.sorted { $0.number < $1.number }.prefix(most).map(\.name)
    }

    func socket(_ number: Int) -> SocketReport? { connections.values.first { $0.number == number }?.report }

    // MARK: The end

    func closed(_ connection: ServerConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        callsBefore.add(connection.calls)
        ended()
        if connections.isEmpty, isSweeping {
            isSweeping = false
            sweepTimer.cancel()
        }
        reportIfDrained()
    }

    /// Takes no more connections, closes every one gracefully, and reports once when none is left.
    func drain(_ done: @escaping () -> Void) {
        isDraining = true
        drained.append(done)
        for connection in connections.values { connection.drain() }
        reportIfDrained()
    }

    private func reportIfDrained() {
        guard connections.isEmpty, isDraining else { return }
        trimTimer.cancel()
        let waiting = drained
        drained = []
        for done in waiting { done() }
    }

    // MARK: Memory

    /// How often it is looked after calls that hold memory and do not go on.
    private var sweepInterval: Duration { configuration.messageTimeout / 4 }
    /// Long enough for what one client did to be over, and short beside what a container's memory limit is checked by.
    private static let trimDelay = Duration.milliseconds(500)

    /// Lets a connection, whose calls hold `held` bytes already, hold `count` more if there is room.
    func hold(_ count: Int, beside held: Int) -> Bool {
        guard held + count <= connectionLimit else {
            budget.wasShort = true
            return false
        }
        guard budget.take(count) else { return false }
        if !isSweeping {
            isSweeping = true
            sweepTimer.schedule(after: sweepInterval)
        }
        return true
    }

    func letGo(_ count: Int) {
        if budget.giveBack(count), !trimTimer.isScheduled { trimTimer.schedule(after: LoopServer.trimDelay) }
    }

    private func sweep() {
        let isShort = budget.wasShort
        budget.wasShort = false
        for connection in connections.values { connection.sweep(isShort: isShort) }
        isSweeping = budget.held > 0
        if isSweeping { sweepTimer.schedule(after: sweepInterval) }
    }

    /// glibc keeps what is freed in the middle of its heaps, for ever if need be: 154 MiB were seen to stay after 2000
    /// calls. Its arenas and thresholds are left as they are, since one call returns every free page of every arena; only
    /// nghttp2's free lists, which would pin a page with each block, have to go first.
    private func trim() {
        budget.trimmed()
        for connection in connections.values { connection.trim() }
        context.memory.trim()
        Program.returnFreeMemory()
    }

    func closeAll() {
        for connection in connections.values { connection.close() }
    }
}
