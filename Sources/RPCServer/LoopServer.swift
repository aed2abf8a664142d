import Events
import RPCCore
import RPCTransport

/// The part of a server that lives on one loop: its connections, its handlers, its worker. Loop thread only.
final class LoopServer {
    let loop: EventLoop
    let configuration: RPCServer.Configuration
    let router: RPCRouter
    let observers: [any ServerObserver]
    let worker: RequestWorker
    let context: TransportContext
    private let load: RPCServer.Load
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var isDraining = false
    /// Whom to tell when no connection is left.
    private var drained: [() -> Void] = []

    init(on loop: EventLoop, configuration: RPCServer.Configuration, load: RPCServer.Load, services: RPCServer.Services)
    {
        self.loop = loop
        self.configuration = configuration
        self.load = load
        router = services.router
        observers = services.observers
        worker = RequestWorker(on: loop)
        context = TransportContext(on: loop)
    }

    func adopt(_ accepted: AcceptedConnection) {
        guard !isDraining else {
            accepted.discard()
            return load.closed()
        }
        // Fails when the process is out of descriptors or memory: the client sees a closed connection and tries again.
        guard let connection = try? ServerConnection(accepted, owner: self) else { return load.closed() }
        connections[ObjectIdentifier(connection)] = connection
    }

    func closed(_ connection: ServerConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        load.closed()
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
        guard connections.isEmpty else { return }
        let waiting = drained
        drained = []
        for done in waiting { done() }
    }

    func closeAll() {
        for connection in connections.values { connection.close() }
    }
}
