package import Addresses
package import Events
package import HTTP2
import RPCCore
import Synchronization
import Timing

/// A gRPC server: listens on one address, accepts on its first loop, and hands each connection to the loop that has the
/// fewest (SO_REUSEPORT would spread a handful of connections unevenly).
package final class RPCServer: Sendable {
    package struct Configuration: Hashable, Sendable {
        /// Bytes of one received message; beyond it the call ends with RESOURCE_EXHAUSTED.
        package var maxMessageBytes = MessageFraming.defaultMaxMessageBytes
        package var http2 = HTTP2Configuration.defaults
        package var lifecycle = ConnectionLifecycle.Configuration.defaults

        package init() {}
    }

    /// What is made for each loop, on that loop.
    package struct Services {
        var router: RPCRouter
        var observer: (any ServerObserver)?

        package init(router: RPCRouter, observer: (any ServerObserver)? = nil) {
            self.router = router
            self.observer = observer
        }
    }

    /// Number of connections of a loop.
    final class Load: Sendable {
        private let connections = Atomic<Int>(0)
        var count: Int { connections.load(ordering: .relaxed) }
        func opened() { connections.add(1, ordering: .relaxed) }
        func closed() { connections.subtract(1, ordering: .relaxed) }
    }

    private struct Member: Sendable {
        let loop: EventLoop
        let load: Load
        let server: LoopBound<LoopServer>
    }

    private let members: [Member]
    private let listener: LoopBound<Listener>
    /// The address bound, with the real port if 0 was asked for.
    package let address: SocketAddress

    /// Starts serving. `services` is called once on each loop.
    package static func start(
        on address: SocketAddress, loops: [EventLoop], configuration: Configuration = Configuration(),
        services: @escaping @Sendable (EventLoop) -> Services
    ) async throws -> RPCServer {
        precondition(!loops.isEmpty, "a server needs a loop")
        var members: [Member] = []
        for loop in loops {
            let load = Load()
            let server = await loop.run {
                LoopBound(
                    LoopServer(on: loop, configuration: configuration, load: load, services: services(loop)), on: loop)
            }
            members.append(Member(loop: loop, load: load, server: server))
        }
        let everyone = members
        let listening = await loops[0].run { () -> Result<(LoopBound<Listener>, SocketAddress), SystemError> in
            do throws(SystemError) {
                let listener = try Listener(on: address, loop: loops[0]) { distribute($0, to: everyone) }
                return .success((LoopBound(listener, on: loops[0]), listener.address))
            } catch {
                return .failure(error)
            }
        }
        let (listener, bound) = try listening.get()
        return RPCServer(members: members, listener: listener, address: bound)
    }

    private init(members: [Member], listener: LoopBound<Listener>, address: SocketAddress) {
        self.members = members
        self.listener = listener
        self.address = address
    }

    private static func distribute(_ connection: AcceptedConnection, to members: [Member]) {
        guard let member = members.min(by: { $0.load.count < $1.load.count }) else { return connection.discard() }
        member.load.opened()
        member.loop.executeHereOrLater { member.server.value.adopt(connection) }
    }

    /// Stops listening, lets calls under way finish for at most `grace`, then closes what is left.
    package func stop(grace: Duration) async {
        let first = members[0].loop
        await first.run { self.listener.value.close() }
        await withTaskGroup(of: Void.self) { group in
            for member in members {
                group.addTask { await RPCServer.drain(member, grace: grace) }
            }
        }
    }

    private static func drain(_ member: Member, grace: Duration) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            member.loop.executeHereOrLater {
                let server = member.server.value
                let hardStop = Timer(on: member.loop) { server.closeAll() }
                hardStop.schedule(after: grace)
                var reported = false
                server.drain {
                    guard !reported else { return }
                    reported = true
                    hardStop.cancel()
                    continuation.resume()
                }
            }
        }
    }
}
