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

    /// With several loops, each loop's subchannels one after the other; target, policy and resolver are those of the
    /// first, and calls that wait are added up.
    func snapshot() async -> ChannelSnapshot? {
        var merged: ChannelSnapshot?
        for member in members.withLock({ $0 }) {
            let snapshot = await member.loop.run { member.channel.value.snapshot }
            guard var known = merged else {
                merged = snapshot
                continue
            }
            known.subchannels += snapshot.subchannels
            known.queued += snapshot.queued
            merged = known
        }
        return merged
    }
}
