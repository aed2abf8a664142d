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

    /// Serves it, and reflection of it, for those who come to another server's port: with the same limits as any gRPC
    /// server of this process, but for its messages, which are small.
    package func makeSideServer(on loop: EventLoop, _ configuration: RPCServer.Configuration) -> SideServer {
        var configuration = configuration
        configuration.maxMessageBytes = min(configuration.maxMessageBytes, 64 << 10)
        configuration.messageBufferBytes = min(configuration.messageBufferBytes, 16 << 20)
        return SideServer(on: loop, configuration: configuration) { [self] in
            var router = RPCRouter()
            router.add(ChannelzServer(self), isApplication: false)
            router.addReflection(of: [.grpcChannelzV1Channelz])
            return RPCServer.Services(router: router)
        }
    }
}
