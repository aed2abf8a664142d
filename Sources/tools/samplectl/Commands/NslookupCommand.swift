import Addresses
import DNS
import LocalCluster
import Settings
import Terminal
import Timing

enum NslookupCommand {
    static func run(_ context: CommandContext) async throws -> Int32 {
        let report = try await ControlClient(Instance(context.arguments), on: context.loop).status()
        let host = Service.complete(context.arguments.operands[0])
        guard let server = SocketAddress(report.resolver), case .ip = server else {
            throw Failure("\(report.resolver) is not an address")
        }
        let client = DNSClient(on: context.loop, configuration: DNSConfiguration(server: server))
        context.print("Server:   \(server)\n")
        do {
            // The dot says that the name is complete: no search domain of this machine is tried.
            let answer = try await client.addresses(of: host + ".")
            context.print("Name:     \(host)")
            for address in answer.addresses.sorted(by: { "\($0)" < "\($1)" }) { context.print("Address:  \(address)") }
            if let time = answer.timeToLive { context.print("TTL:      \(DurationText.format(time))") }
            return 0
        } catch {
            context.print("** cannot find \(host): \(error.reason)")
            return 1
        }
    }
}
