package import Addresses
package import Events
package import HTTP2
package import RPCCore
import Synchronization
package import System
import Timing

/// A gRPC server: listens on one address, accepts on its first loop, and hands each connection to the loop that has the
/// fewest (SO_REUSEPORT would spread a handful of connections unevenly).
package final class RPCServer: Sendable {
    package struct Configuration: Hashable, Sendable {
        /// Bytes of one received message; beyond it the call ends with RESOURCE_EXHAUSTED.
        package var maxMessageBytes = MessageFraming.defaultMaxMessageBytes
        package var http2 = HTTP2Configuration.defaults
        package var lifecycle = ConnectionLifecycle.Configuration.defaults
        package var keepalive = KeepaliveParameters.serverDefaults
        package var pingEnforcement = PingEnforcement.Parameters.defaults
        /// Bytes that all calls together may hold: messages received and not yet handled, replies that wait for their
        /// clients, and 8 KiB for each open call; a connection's calls get a quarter of it. Beyond it a message that grows
        /// ends with RESOURCE_EXHAUSTED, and a new call is refused.
        package var messageBufferBytes = 64 << 20
        /// A request's message to which nothing is added for this long ends its call; so does a reply of which nothing is
        /// taken, and a connection on which nothing is read, when the room for messages has run short.
        package var messageTimeout = Duration.seconds(20)
        /// Connections open at once; further ones wait to be accepted.
        package var maxConnections = 10_000

        package init() {}
    }

    /// What is made for each loop, on that loop.
    package struct Services {
        var router: RPCRouter
        var observers: [any ServerObserver]

        package init(router: RPCRouter, observers: [any ServerObserver] = []) {
            self.router = router
            self.observers = observers
        }
    }

    /// Number of connections of a loop.
    final class Load: Sendable {
        private let connections = Atomic<Int>(0)
        private let ended: @Sendable () -> Void

        /// `ended` is called whenever a connection has ended, on whatever loop that was.
        init(ended: @escaping @Sendable () -> Void) {
            self.ended = ended
        }

        var count: Int { connections.load(ordering: .relaxed) }
        func opened() { connections.add(1, ordering: .relaxed) }

        func closed() {
            connections.subtract(1, ordering: .relaxed)
            ended()
        }
    }

    /// One loop's part of the server, made on that loop before any connection can reach it.
    private struct Member: Sendable {
        let load: Load
        let server: LoopSlot<LoopServer>

        init(on loop: EventLoop, ended: @escaping @Sendable () -> Void) {
            load = Load(ended: ended)
            server = LoopSlot(on: loop)
        }

        func make(
            _ configuration: Configuration, _ budget: MessageBudget,
            _ services: @escaping @Sendable (EventLoop) -> Services
        ) {
            server.fill { [load, loop = server.loop] in
                LoopServer(
                    on: loop, configuration: configuration, load: load, budget: budget, services: services(loop))
            }
        }
    }

    private let members: [Member]
    private let listener: LoopBound<Listener>
    /// The address bound, with the real port if 0 was asked for.
    package let address: SocketAddress

    /// Listens at once; the first of `loops` is the current one and accepts. `services` is called once on each loop.
    package init(
        on address: SocketAddress, loops: [EventLoop], configuration: Configuration = Configuration(),
        services: @escaping @Sendable (EventLoop) -> Services
    ) throws(SystemError) {
        precondition(!loops.isEmpty, "a server needs a loop")
        let acceptor = LoopSlot<Acceptor>(on: loops[0])
        let members = loops.map { loop in Member(on: loop) { acceptor.perform { $0.connectionEnded() } } }
        let listener = try Listener(on: address, loop: loops[0]) { connection in
            acceptor.perform { $0.accepted(connection) }
        }
        let budget = MessageBudget(limit: configuration.messageBufferBytes)
        for member in members { member.make(configuration, budget, services) }
        let bound = LoopBound(listener, on: loops[0])
        acceptor.fill { Acceptor(bound.value, members: members, limit: configuration.maxConnections) }
        self.members = members
        self.listener = bound
        self.address = listener.address
    }

    /// Hands connections out, as many at a time as there may be. On the first loop.
    private final class Acceptor {
        private let listener: Listener
        private let members: [Member]
        private let limit: Int

        init(_ listener: Listener, members: [Member], limit: Int) {
            self.listener = listener
            self.members = members
            self.limit = limit
        }

        private var count: Int { members.reduce(0) { $0 + $1.load.count } }

        func accepted(_ connection: AcceptedConnection) {
            guard let member = members.min(by: { $0.load.count < $1.load.count }) else { return connection.discard() }
            member.load.opened()
            if count >= limit { listener.isPaused = true }
            member.server.perform { $0.adopt(connection) }
        }

        func connectionEnded() {
            if listener.isPaused, count < limit { listener.isPaused = false }
        }
    }

    /// The same from a task that is on none of the loops.
    package static func start(
        on address: SocketAddress, loops: [EventLoop], configuration: Configuration = Configuration(),
        services: @escaping @Sendable (EventLoop) -> Services
    ) async throws(SystemError) -> RPCServer {
        let result = await loops[0].run { () -> Result<RPCServer, SystemError> in
            do throws(SystemError) {
                return .success(
                    try RPCServer(on: address, loops: loops, configuration: configuration, services: services))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Stops listening, lets calls under way finish for at most `grace`, then closes what is left.
    package func stop(grace: Duration) async {
        let first = members[0].server.loop
        await first.run { self.listener.value.close() }
        await withTaskGroup(of: Void.self) { group in
            for member in members {
                group.addTask { await RPCServer.drain(member, grace: grace) }
            }
        }
    }

    private static func drain(_ member: Member, grace: Duration) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            member.server.perform { server in
                let hardStop = Timer(on: server.loop) { server.closeAll() }
                hardStop.schedule(after: grace)
                server.drain {
                    hardStop.cancel()
                    continuation.resume()
                }
            }
        }
    }
}
