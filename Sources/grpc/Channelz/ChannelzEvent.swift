import RPCClient

/// An event of a channel's story as channelz tells it.
package struct ChannelzEvent: Hashable, Sendable {
    package let channel: Int
    /// nil if it is about none.
    package let subchannel: Int?
    package let subchannelName: String
    package let description: String
    package let isWarning: Bool
    /// By the wall clock, since 1970.
    package let unixNanoseconds: Int64

    package init(
        channel: Int, subchannel: Int? = nil, subchannelName: String = "", description: String, isWarning: Bool = false,
        unixNanoseconds: Int64
    ) {
        self.channel = channel
        self.subchannel = subchannel
        self.subchannelName = subchannelName
        self.description = description
        self.isWarning = isWarning
        self.unixNanoseconds = unixNanoseconds
    }
}

/// Answers the events of the channel with this number that are still known, the oldest first. Any thread.
package typealias ChannelzEvents = @Sendable (_ channel: Int) -> [ChannelzEvent]
