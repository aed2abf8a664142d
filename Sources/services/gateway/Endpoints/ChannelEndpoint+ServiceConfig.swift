import JSON
import LoadBalancing
import RPCClient
import RPCCore

extension ChannelSnapshot.Subchannel {
    /// What client health checking knows.
    func writeHealth(to writer: inout JSONWriter) {
        writer.key("health")
        switch health {
        case nil: writer.null()
        case .connecting?: writer.string("UNKNOWN")
        case .serving?: writer.string("SERVING")
        case .notServing(let error)?:
            writer.string("NOT_SERVING")
            writer.member("healthReason", error.message)
        }
    }
}

extension ChannelSnapshot.ServiceConfig {
    /// The gist of it.
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("methods", methods)
        writer.key("healthCheckService")
        if let healthCheckService { writer.string(healthCheckService) } else { writer.null() }
        writer.key("retryThrottling")
        if let tokens = retryTokens {
            writer.beginObject()
            writer.member("maxTokens", Double(tokens.throttling.maxMillitokens) / 1000)
            writer.member("tokenRatio", Double(tokens.throttling.millitokensPerSuccess) / 1000)
            writer.member("tokens", Double(tokens.millitokens) / 1000)
            writer.member("throttling", tokens.isThrottling)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.endObject()
    }
}
