package import Addresses
package import Events
import Glibc
import System

/// A real DNS server on a loopback address, authoritative for names under `test`. Loop thread only.
package final class Dnsmasq {
    package struct Unavailable: Error, CustomStringConvertible {
        package let description: String
    }

    private static let executable = "/usr/sbin/dnsmasq"

    package let address: SocketAddress
    private let directory = TemporaryDirectory()
    private let output = ChildOutput()
    private let exits = Journal<ExitStatus>()
    private var process: ChildProcess?

    /// `hosts` has an address and a name a line, as /etc/hosts. Returns once the server answers.
    package init(on loop: EventLoop, hosts: String, timeToLive: Int = 5, options: [String] = []) async throws {
        guard unsafe access(Dnsmasq.executable, X_OK) == 0 else {
            throw Unavailable(
                description: "\(Dnsmasq.executable) is missing; install it with: apt-get install dnsmasq-base")
        }
        address = freeLoopbackAddress()
        directory.write(hosts, to: "hosts")
        // dnsmasq gives up root, and the kernel takes back its promise to end a child that changes its user or group
        // together with its parent.
        let identity = getuid() == 0 ? ["--user=root", "--group=root"] : []
        let arguments =
            [
                "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--no-resolv", "--no-hosts",
                "--bind-interfaces", "--listen-address=\(address.ip?.description ?? "")",
                "--port=\(address.port ?? 0)", "--addn-hosts=\(directory.path)/hosts", "--local=/test/",
                "--local-ttl=\(timeToLive)", "--log-facility=-", "--log-queries",
            ] + identity + options
        let exits = exits
        let output = output
        process = try ChildProcess(
            ChildCommand(executable: Dnsmasq.executable, arguments: arguments), on: loop,
            output: { descriptor throws(SystemError) in try output.read(descriptor, on: loop) },
            exited: { exits.note($0) })
        try await expectLine("read \(directory.path)/hosts")
    }

    private func expectLine(_ text: String) async throws {
        let line = await output.line(containing: text)
        if line == ChildOutput.end { throw Unavailable(description: "dnsmasq ended before it logged \"\(text)\"") }
    }

    /// Returns once the server has read the new names.
    package func replaceHosts(_ hosts: String) async throws {
        directory.write(hosts, to: "hosts")
        process?.signal(.hangUp)
        try await expectLine("read \(directory.path)/hosts")
    }

    /// Returns once the server has received a query that its log shows as `text`, such as `query[A] pods.test`.
    package func receivedQuery(_ text: String) async throws { try await expectLine(text) }

    package func stop() async {
        process?.signal(.terminate)
        _ = await exits.next()
        _ = await output.line(containing: ChildOutput.end)
        directory.remove()
    }
}
