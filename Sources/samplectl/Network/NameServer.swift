import Addresses
import DNS
import Events
import Timing

/// The system's DNS: a dnsmasq that knows only the names in one hosts file. Loop thread only.
final class NameServer {
    private static let restartDelay = Duration.seconds(1)
    /// How soon the server is asked what it has read, and again, doubling.
    private static let firstInquiry = Duration.milliseconds(1)
    private static let longestInquiry = Duration.milliseconds(500)
    /// When it still has not read the file by then, it is told again.
    private static let patience = Duration.seconds(2)

    private let command: ChildProcess.Command
    private let hostsFile: String
    private let loop: EventLoop
    private let resolver: DNSClient
    private let output: ([UInt8]) -> Void
    private let report: (String) -> Void
    private(set) var process: ChildProcess?
    private var restart: Timer?
    private var stopped: (() -> Void)?
    private var isStopping = false
    private var names: String?
    private var publication: UInt32 = 0
    private var isInquiring = false
    /// The last publication with which the server has answered; 0 for none.
    private(set) var confirmedPublication: UInt32 = 0
    /// `confirmedPublication` has changed.
    var confirmed: () -> Void = {}
    /// A process was started or ended.
    var processesChanged: () -> Void = {}

    init(
        executable: String, address: SocketAddress, timeToLive: Int, hostsFile: String, directory: String,
        on loop: EventLoop, output: @escaping ([UInt8]) -> Void, report: @escaping (String) -> Void
    ) {
        command = ChildProcess.Command(
            executable: executable,
            arguments: NameServer.arguments(
                address: address, timeToLive: timeToLive, hostsFile: hostsFile, isRoot: Program.userID == 0),
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], directory: directory)
        self.hostsFile = hostsFile
        self.loop = loop
        resolver = DNSClient(
            on: loop, configuration: DNSConfiguration(server: address, timeout: .milliseconds(250), tries: 1))
        self.output = output
        self.report = report
    }

    static func arguments(address: SocketAddress, timeToLive: Int, hostsFile: String, isRoot: Bool) -> [String] {
        let host = address.ip.map(String.init(describing:)) ?? ""
        let arguments = [
            "--keep-in-foreground", "--log-facility=-", "--conf-file=/dev/null", "--pid-file=", "--no-resolv",
            "--no-hosts", "--no-poll", "--bind-interfaces", "--listen-address=\(host)", "--port=\(address.port ?? 53)",
            "--addn-hosts=\(hostsFile)", "--local=/cluster.local/", "--local-ttl=\(timeToLive)", "--cache-size=0",
        ]
        // As root it would become another user, who may not enter the state directory to read the file again.
        return isRoot ? arguments + ["--user=root", "--group=root"] : arguments
    }

    /// Call it once, after the first `publish`.
    func start() throws(SystemError) {
        process = try ChildProcess(
            command, on: loop,
            output: { [output, loop] (descriptor) throws(SystemError) in
                _ = try OutputCollector(adopting: descriptor, on: loop) { output($0) }
            },
            exited: { [weak self] in self?.ended($0) })
        processesChanged()
        inquire()
    }

    /// Replaces the names, tells the process to read them, and returns the number under which `confirmed` will report
    /// that it answers with them; the same as before if the names are.
    func publish(_ names: String) -> UInt32 {
        guard names != self.names else { return publication }
        publication += 1
        do {
            try FileSystem.write(Array((names + HostsFile.mark(publication)).utf8), to: hostsFile)
            self.names = names
            process?.signal(.hangUp)
            inquire()
        } catch {
            report("DNS is out of date: \(error)")
        }
        return publication
    }

    // MARK: What the server has read

    /// Asks the server until it answers with the last publication.
    private func inquire() {
        guard !isInquiring, process != nil else { return }
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
        while confirmedPublication != publication, !isStopping {
            let answer = try? await resolver.addresses(of: HostsFile.publicationName + ".")
            if case .v4(let number)? = answer?.addresses.first, number > confirmedPublication, number <= publication {
                confirmedPublication = number
                confirmed()
                interval = NameServer.firstInquiry
                continue
            }
            if MonotonicClock.now - toldAt > NameServer.patience {
                report("dnsmasq has not read \(hostsFile) yet, and is told again")
                process?.signal(.hangUp)
                toldAt = MonotonicClock.now
            }
            guard (try? await loop.sleep(for: interval)) != nil else { return }
            interval = min(interval * 2, NameServer.longestInquiry)
        }
    }

    // MARK: The process

    private func ended(_ status: ExitStatus) {
        process = nil
        processesChanged()
        if isStopping {
            stopped?()
            stopped = nil
            return
        }
        report("dnsmasq ended (\(status)) and is started again")
        let timer = Timer(on: loop) { [weak self] in
            guard let self, !isStopping else { return }
            do { try start() } catch { report("dnsmasq cannot be started: \(error)") }
        }
        timer.schedule(after: NameServer.restartDelay)
        restart = timer
    }

    func stop(completion: @escaping () -> Void) {
        isStopping = true
        restart?.cancel()
        guard let process else { return completion() }
        stopped = completion
        process.signal(.terminate)
    }
}
