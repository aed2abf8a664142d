import RPCCore

/// What a service config has decided for one call.
struct CallSettings {
    /// Its caller has not said whether the call waits for a connection.
    var waitsAsConfigured = false
    private var isConfigured = false
    private(set) var maxRequestBytes = Int.max
    /// nil: the channel's.
    private(set) var maxResponseBytes: Int?
    /// The config's timeout, if it is what ends the call first.
    var endingTimeout: Duration?

    /// False if it has been done before.
    mutating func configure(_ method: MethodConfiguration, sharing channel: ChannelConfiguration) -> Bool {
        guard !isConfigured else { return false }
        isConfigured = true
        if let limit = method.maxRequestMessageBytes { maxRequestBytes = limit }
        if let limit = method.maxResponseMessageBytes { maxResponseBytes = min(limit, channel.maxMessageBytes ?? .max) }
        return true
    }
}
