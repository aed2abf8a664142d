package import Addresses
import Bytes
import JSON

/// The answer of `/v1/health/service/<name>`, as much of it as counts here.
package struct ConsulHealth: Hashable, Sendable {
    /// One for each address, in Consul's order. A pod that two agents know is there once.
    package var addresses: [SocketAddress] = []
    /// Entries that nobody can connect to, and why.
    package var leftOut: [String] = []

    package struct Malformed: Error, Hashable {
        package let problem: String
    }

    package init(_ body: [UInt8]) throws(Malformed) {
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONParser.parse(body)
        } catch {
            throw Malformed(problem: error.description)
        }
        guard let entries = document.array else {
            throw Malformed(problem: "the answer is \(document.kind), not an array")
        }
        var seen: Set<SocketAddress> = []
        for (index, entry) in entries.enumerated() {
            let (text, port) = try ConsulHealth.place(entry, index)
            guard let ip = IPAddress(text) else {
                leftOut.append("\"\(text)\" is not an IP address")
                continue
            }
            guard let port = UInt16(exactly: port), port > 0 else {
                leftOut.append("\(text) has the port \(port)")
                continue
            }
            let address = SocketAddress.ip(ip, port: port)
            if seen.insert(address).inserted { addresses.append(address) }
        }
    }

    /// A service that names no address is at its node's (`agent/service`: "If not provided, the agent's address is
    /// used").
    private static func place(_ entry: JSONValue, _ index: Int) throws(Malformed) -> (String, Int64) {
        guard let service = entry["Service"], service.object != nil else {
            throw Malformed(problem: "entry \(index) has no object Service")
        }
        guard let port = service["Port"]?.integer else {
            throw Malformed(problem: "entry \(index) has no number Service.Port")
        }
        guard let address = service["Address"]?.string else {
            throw Malformed(problem: "entry \(index) has no text Service.Address")
        }
        if !address.isEmpty { return (address, port) }
        guard let node = entry["Node"]?["Address"]?.string else {
            throw Malformed(problem: "entry \(index) has neither Service.Address nor Node.Address")
        }
        return (node, port)
    }

    /// The field `X-Consul-Index`; nil for what is not a number.
    package static func index(_ field: String?) -> UInt64? {
        field.flatMap { text in
            !text.isEmpty && text.utf8.allSatisfy(\.isASCIIDigit) ? UInt64(text) : nil
        }
    }
}
