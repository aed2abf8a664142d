import Addresses
import Events

/// The system's DNS: a dnsmasq that knows only the names in one hosts file. Loop thread only.
final class NameServer {
    private static let restartDelay = Duration.seconds(1)

    private let command: ChildProcess.Command
    private let hostsFile: String
    private let loop: EventLoop
    private let output: ([UInt8]) -> Void
    private let report: (String) -> Void
    private(set) var process: ChildProcess?
    private var restart: Timer?
    private var stopped: (() -> Void)?
    private var isStopping = false
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
    }

    /// Replaces the names, and tells the process to read them.
    func publish(_ hosts: String) {
        do {
            try FileSystem.write(Array(hosts.utf8), to: hostsFile)
            process?.signal(.hangUp)
        } catch {
            report("DNS is out of date: \(error)")
        }
    }

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
