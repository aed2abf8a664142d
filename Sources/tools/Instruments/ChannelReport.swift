package import JSON

/// What the demo and the lab read in the answer of `GET /go/channel`.
package struct ChannelReport: Equatable, Sendable {
    package var state: String
    /// The addresses of subchannels that are READY.
    package var ready: [String]
    /// Calls that have been sent to an address and not been answered.
    package var inFlight: [String: Int]
    /// For a message when the connections do not come: the last error of any subchannel or of the resolver.
    package var lastError: String?

    /// nil if the value is not such an answer.
    package init?(_ json: JSONValue) {
        guard let state = json["state"]?.string, let subchannels = json["subchannels"]?.array else { return nil }
        self.state = state
        ready = subchannels.filter { $0["state"]?.string == "READY" }.compactMap { $0["address"]?.string }
        inFlight = [:]
        for subchannel in subchannels {
            guard let address = subchannel["address"]?.string, let count = subchannel["inFlight"]?.integer else {
                continue
            }
            inFlight[address, default: 0] += Int(count)
        }
        lastError = subchannels.compactMap { $0["lastError"]?.string }.first ?? json["resolver"]?["lastError"]?.string
    }
}
