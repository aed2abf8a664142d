package import Events
package import RPCClient
import RPCCore
package import RPCServer
import RPCTransport
import StandardServices
import Synchronization
import System

/// What a process has that channelz tells of: the channels and servers that its program has entered here. Any thread.
package final class ChannelzDirectory: Sendable {
    struct ChannelEntry: Sendable {
        let number: Int
        let channel: LoopBound<Channel>
        let events: ChannelzEvents

        func ask<Answer: Sendable>(_ question: @escaping @Sendable (Channel) -> Answer) async -> Answer {
            await channel.loop.run { question(channel.value) }
        }
    }

    private struct State {
        // Ascending by number.
        var channels: [ChannelEntry] = []
        var servers: [RPCServer] = []
        var clock = ChannelzClock.now
    }

    private let state = Mutex(State())

    package init() {}

    /// On the channel's loop.
    package func add(_ channel: Channel, events: @escaping ChannelzEvents = { _ in [] }) {
        let entry = ChannelEntry(
            number: channel.number, channel: LoopBound(channel, on: channel.loop), events: events)
        state.withLock { state in
            state.channels.append(entry)
            state.channels.sort { $0.number < $1.number }
        }
    }

    package func add(_ server: RPCServer) {
        state.withLock { state in
            state.servers.append(server)
            state.servers.sort { $0.number < $1.number }
        }
    }

    var channels: [ChannelEntry] { state.withLock { $0.channels } }
    var servers: [RPCServer] { state.withLock { $0.servers } }

    var clock: ChannelzClock {
        state.withLock { state in
            state.clock = state.clock.checked(wall: WallClock.nanoseconds, monotonic: MonotonicClock.now)
            return state.clock
        }
    }

    /// An HTTP/1.1 client keeps its connection to the same port as long without a request.
    private static let maxIdle = Duration.seconds(75)

    /// The limits of a gRPC server of this process, but that messages are small, and that nobody keeps a place for nothing:
    /// probes come to the same port.
    package static func limits(from configuration: RPCServer.Configuration) -> RPCServer.Configuration {
        var limits = configuration
        limits.maxMessageBytes = min(limits.maxMessageBytes, 64 << 10)
        limits.messageBufferBytes = min(limits.messageBufferBytes, 16 << 20)
        limits.lifecycle.maxIdle = min(limits.lifecycle.maxIdle ?? maxIdle, maxIdle)
        return limits
    }

    /// Serves it, and reflection of it, for those who come to another server's port.
    package func makeSideServer(on loop: EventLoop, _ configuration: RPCServer.Configuration) -> SideServer {
        SideServer(on: loop, configuration: ChannelzDirectory.limits(from: configuration)) { [self] in
            var router = RPCRouter()
            router.add(ChannelzServer(self), isApplication: false)
            router.addReflection(of: [.grpcChannelzV1Channelz])
            return RPCServer.Services(router: router)
        }
    }
}
