import Events
import LoadBalancing
import RPCClient
import Synchronization

/// The channels of all loops, one each, so that one request can tell of them all.
final class ChannelDirectory: Sendable {
    private struct Member: Sendable {
        let loop: EventLoop
        let channel: LoopBound<Channel>
    }

    private let members = Mutex<[Member]>([])

    /// Call it on the channel's loop.
    func add(_ channel: Channel) {
        let member = Member(loop: channel.loop, channel: LoopBound(channel, on: channel.loop))
        members.withLock { $0.append(member) }
    }

    func shutdown() async {
        for member in members.withLock({ $0 }) {
            await member.loop.run { member.channel.value.shutdown() }
        }
    }

    /// With several loops, each loop's subchannels one after the other, and calls that wait added up; the rest is that of
    /// the first one that has not gone to IDLE by itself.
    func snapshot() async -> ChannelSnapshot? {
        var snapshots: [ChannelSnapshot] = []
        for member in members.withLock({ $0 }) {
            snapshots.append(await member.loop.run { member.channel.value.snapshot })
        }
        guard var merged = snapshots.first(where: { $0.idleReason == nil }) ?? snapshots.first else { return nil }
        merged.subchannels = snapshots.flatMap(\.subchannels)
        merged.queued = snapshots.reduce(0) { $0 + $1.queued }
        return merged
    }
}
