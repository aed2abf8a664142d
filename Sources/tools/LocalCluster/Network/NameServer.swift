import Addresses
import DNS
import Events
import System
import Timing

/// The system's DNS: a dnsmasq that knows only the names in one hosts file, and each of them as soon as it has read it.
/// Loop thread only.
final class NameServer {
    /// How soon the server is asked what it has read, and again, doubling.
    private static let firstInquiry = Duration.milliseconds(1)
    private static let longestInquiry = Duration.milliseconds(500)
    /// When it still has not read the file by then, it is told again.
    private static let patience = Duration.seconds(2)

    let server: Dnsmasq
    private let hostsFile: String
    private let loop: EventLoop
    /// Asks the server itself, never a cache before it: Kubernetes waits for no cache either.
    private let resolver: DNSClient
    private let report: (String) -> Void
    private var names: String?
    private var publication: UInt32 = 0
    private var isInquiring = false
    /// The last publication with which the server has answered; 0 for none.
    private(set) var confirmedPublication: UInt32 = 0
    /// `confirmedPublication` has changed.
    var confirmed: () -> Void = {}

    init(
        executable: String, address: SocketAddress, timeToLive: Int, in state: StateDirectory, on loop: EventLoop,
        report: @escaping (String) -> Void
    ) throws(SystemError) {
        server = try Dnsmasq(
            "dnsmasq", executable: executable, address: address,
            options: [
                "--addn-hosts=\(state.hosts)", "--local=/cluster.local/", "--local-ttl=\(timeToLive)", "--cache-size=0",
            ], in: state, on: loop, report: report)
        hostsFile = state.hosts
        self.loop = loop
        self.report = report
        resolver = DNSClient(
            on: loop, configuration: DNSConfiguration(server: address, timeout: .milliseconds(250), tries: 1))
        server.started = { [weak self] in self?.inquire() }
    }

    /// Replaces the names, tells the process to read them, and returns the number under which `confirmed` will report
    /// that it answers with them; the same as before if the names are.
    func publish(_ names: String) -> UInt32 {
        guard names != self.names else { return publication }
        publication += 1
        do {
            try FileSystem.write(Array((names + HostsFile.mark(publication)).utf8), to: hostsFile)
            self.names = names
            server.process?.signal(.hangUp)
            inquire()
        } catch {
            report("DNS is out of date: \(error)")
        }
        return publication
    }

    /// Asks the server until it answers with the last publication.
    private func inquire() {
        guard !isInquiring, server.process != nil else { return }
        isInquiring = true
        let bound = LoopBound(self, on: loop)
        loop.startTask {
            await bound.value.waitForPublication()
            bound.value.isInquiring = false
        }
    }

    private func waitForPublication() async {
        var interval = NameServer.firstInquiry
        var toldAt = loop.now
        while confirmedPublication != publication, !server.isStopping {
            let answer = try? await resolver.addresses(of: HostsFile.publicationName + ".")
            if case .v4(let number)? = answer?.addresses.first, number > confirmedPublication, number <= publication {
                confirmedPublication = number
                confirmed()
                interval = NameServer.firstInquiry
                continue
            }
            if MonotonicClock.now - toldAt > NameServer.patience {
                report("dnsmasq has not read \(hostsFile) yet, and is told again")
                server.process?.signal(.hangUp)
                toldAt = MonotonicClock.now
            }
            guard (try? await loop.sleep(for: interval)) != nil else { return }
            interval = min(interval * 2, NameServer.longestInquiry)
        }
    }
}
