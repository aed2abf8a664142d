package import Addresses
package import Events
package import HTTP2
package import RPCCore
import RPCTransport
package import System
package import Timing

/// A gRPC server: listens on one address, accepts on its first loop, and hands each connection to the loop that has the
/// fewest.
package final class RPCServer: Sendable {
    package struct Configuration: Hashable, Sendable {
        /// Bytes of one received message; beyond it the call ends with RESOURCE_EXHAUSTED.
        package var maxMessageBytes = MessageFraming.defaultMaxMessageBytes
        /// Of the answers, for clients that understand it; a handler may choose another for its call.
        package var compression = MessageEncoding.identity
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
        var interceptors: [ServerInterceptor]
        var tracers: [any ServerTracer]
        var answerMetadata: Metadata

        /// The first interceptor is the outermost. `answerMetadata` leaves in the headers of every answer, whatever it is; it
        /// is made ready once, and not for each call.
        package init(
            router: RPCRouter, interceptors: [ServerInterceptor] = [], tracers: [any ServerTracer] = [],
            answerMetadata: Metadata = Metadata()
        ) {
            self.router = router
            self.interceptors = interceptors
            self.tracers = tracers
            self.answerMetadata = answerMetadata
        }
    }

    /// One loop's part of the server, made on that loop before any connection can reach it.
    typealias Member = LoopSlot<LoopServer>

    let members: [Member]
    /// No other server of this process has it; nor has any the one of its listening socket.
    package let number = EntityNumber.next()
    package let listenerNumber = EntityNumber.next()
    package let created: Instant
    private let distributor: LoopBound<ConnectionDistributor>
    /// The address bound, with the real port if 0 was asked for.
    package let address: SocketAddress

    /// Listens at once; the first of `loops` is the current one and accepts. `services` is called once on each loop;
    /// `warned` hears, on the first one, of what an operator should know.
    package init(
        on address: SocketAddress, loops: [EventLoop], configuration: Configuration = Configuration(),
        acceptor: any StreamAcceptor = PlainSockets(), warned: @escaping (String) -> Void = { _ in },
        services: @escaping @Sendable (EventLoop) -> Services
    ) throws(SystemError) {
        precondition(!loops.isEmpty, "a server needs a loop")
        let members = loops.map { Member(on: $0) }
        let distributor = try ConnectionDistributor(
            on: address, loop: loops[0], places: loops.count, limit: configuration.maxConnections, warned: warned
        ) { connection, place in
            members[place].perform { $0.adopt(connection) }
        }
        let bound = LoopBound(distributor, on: loops[0])
        let budget = MessageBudget(limit: configuration.messageBufferBytes)
        for (place, member) in members.enumerated() {
            member.fill {
                LoopServer(
                    on: member.loop, configuration: configuration, acceptor: acceptor, budget: budget,
                    services: services(member.loop)
                ) {
                    bound.loop.executeHereOrLater { bound.value.connectionEnded(at: place) }
                }
            }
        }
        self.members = members
        created = loops[0].now
        self.distributor = bound
        self.address = distributor.address
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
        let first = members[0].loop
        await first.run { self.distributor.value.close() }
        await withTaskGroup(of: Void.self) { group in
            for member in members {
                group.addTask { await RPCServer.drain(member, grace: grace) }
            }
        }
    }

    private static func drain(_ member: Member, grace: Duration) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            member.perform { server in
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
