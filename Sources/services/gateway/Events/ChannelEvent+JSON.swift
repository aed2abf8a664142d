import Addresses
import JSON
import LoadBalancing
import RPCClient
import Timing

extension ChannelEvent {
    /// Addresses that one event lists, of the new ones and of those that are gone; `addresses` counts all.
    private static let mostListed = 100

    /// Members that do not apply are left out.
    func writeMembers(pod: String?, to writer: inout JSONWriter) {
        writer.member("kind", name)
        if let address { writer.member("address", address.description) }
        if let pod { writer.member("pod", pod) }
        if let code { writer.member("code", code) }
        if let reason { writer.member("reason", reason) }
        if let age { writer.member("ageSeconds", age.withMilliseconds) }
        if let retryIn { writer.member("retryInSeconds", retryIn.withMilliseconds) }
        switch kind {
        case .addresses(let count, let added, let removed):
            writer.member("addresses", count)
            write("added", added, to: &writer)
            write("removed", removed, to: &writer)
        case .state(let from, let to, _):
            writer.member("from", from.rawValue)
            writer.member("to", to.rawValue)
        case .lookupFailed, .connected, .connectFailed, .goAway, .connectionLost, .connectionClosed: break
        }
    }

    private func write(_ key: String, _ addresses: [SocketAddress], to writer: inout JSONWriter) {
        if addresses.isEmpty { return }
        writer.key(key)
        writer.beginArray()
        for address in addresses.prefix(ChannelEvent.mostListed) { writer.string(address.description) }
        writer.endArray()
    }

    /// `2026-11-22T01:50:00.123Z`
    var timeText: String {
        let milliseconds = unixNanoseconds / 1_000_000
        let time = CivilTime(clamping: milliseconds / 1_000)
        let fraction = milliseconds % 1_000
        let digits = (fraction < 10 ? "00" : fraction < 100 ? "0" : "") + "\(fraction)"
        return "\(time.date(separator: "-"))T\(time.clock).\(digits)Z"
    }
}

extension Duration {
    /// Seconds, for JSON.
    var withMilliseconds: Double { Double(nanoseconds / 1_000_000) / 1_000 }
}
