import Addresses
import Doctor
import Events
import Instruments
import JSON
import Terminal
import Timing

/// Where a release's nginx can be reached from here, and that it is this release's and no other's. Loop thread only.
struct ClusterEntry {
    private let release: ClusterRelease
    private let kubectl: Kubectl
    private let loop: EventLoop

    init(_ release: ClusterRelease, _ kubectl: Kubectl, _ loop: EventLoop) {
        self.release = release
        self.kubectl = kubectl
        self.loop = loop
    }

    /// The address that was asked for, or the first of: 127.0.0.1, where kind puts the NodePort, and the nodes.
    func find(asked: SocketAddress?) async throws(Failure) -> SocketAddress {
        let gateways = Set(try await gatewayPods())
        guard !gateways.isEmpty else { throw Failure("\(release.gateway) has no pod") }
        var tried: [String] = []
        for address in try await candidates(asked) {
            do throws(Failure) {
                let client = EntryClient(address, on: loop)
                defer { client.close() }
                let answer = try await client.get("/go", timeout: .seconds(3))
                if let name = answer["hostname"]?.string, gateways.contains(name) { return address }
                tried.append(
                    "\(address) is another system's: \(answer["hostname"]?.string ?? "its gateway has no name")")
            } catch {
                tried.append(error.message)
            }
        }
        throw Failure(
            "no way to the release's nginx: \(tried.joined(separator: "; ")). Name one with --entry ADDRESS:PORT, such as that"
                + " of kubectl port-forward")
    }

    private func candidates(_ asked: SocketAddress?) async throws(Failure) -> [SocketAddress] {
        if let asked { return [asked] }
        guard let port = release.nodePort else {
            throw Failure(
                "the nginx Service has no NodePort: install the chart with --set service.type=NodePort, or name a way to it"
                    + " with --entry ADDRESS:PORT")
        }
        return [.ip(.v4(0x7f00_0001), port: port)] + (await nodes()).map { .ip($0, port: port) }
    }

    /// Who may not list nodes goes by 127.0.0.1 alone.
    private func nodes() async -> [IPAddress] {
        let query = #"jsonpath={.items[*].status.addresses[?(@.type=="InternalIP")].address}"#
        guard let output = try? await kubectl.ask(["get", "nodes", "-o", query, "--request-timeout=20s"], on: loop)
        else {
            return []
        }
        return String(decoding: output, as: UTF8.self).split(whereSeparator: \.isWhitespace).prefix(3)
            .compactMap { IPAddress(String($0)) }
    }

    private func gatewayPods() async throws(Failure) -> [String] {
        let output = try await kubectl.ask(
            ["get", "pods", "-l", release.gatewaySelector, "-o", "jsonpath={.items[*].metadata.name}"], on: loop)
        return String(decoding: output, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
