import Addresses
import Events
import System
import Terminal
import Timing

/// A dnsmasq that is started again when it ends by itself. Loop thread only.
final class Dnsmasq {
    private static let restartDelay = Duration.seconds(1)

    /// What its log and its directory are called.
    let name: String
    let address: SocketAddress
    private let command: ChildCommand
    private let loop: EventLoop
    private let log: PodLog
    private var lines = LineStamper()
    private let report: (String) -> Void
    private(set) var process: ChildProcess?
    private var restart: Timer?
    private var stopped: (() -> Void)?
    private(set) var isStopping = false
    /// A process has been started.
    var started: () -> Void = {}
    /// A process was started or ended.
    var processesChanged: () -> Void = {}

    /// `options` are those that make it the server that it is to be.
    init(
        _ name: String, executable: String, address: SocketAddress, options: [String], in state: StateDirectory,
        on loop: EventLoop, report: @escaping (String) -> Void
    ) throws(SystemError) {
        self.name = name
        self.address = address
        self.loop = loop
        self.report = report
        let directory = state.directory(of: name)
        try FileSystem.createDirectory(directory)
        log = try PodLog(state.log(of: name))
        command = ChildCommand(
            executable: executable,
            arguments: Dnsmasq.arguments(address, in: directory, isRoot: Program.userID == 0) + options,
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], directory: directory)
    }

    private static func arguments(_ address: SocketAddress, in directory: String, isRoot: Bool) -> [String] {
        let host = address.ip.map(String.init(describing:)) ?? ""
        let arguments = [
            // dnsmasq leaves its directory: the file's name is what shows in a list of processes whose it is.
            "--pid-file=\(directory)/pid", "--keep-in-foreground", "--log-facility=-", "--conf-file=/dev/null",
            "--no-resolv", "--no-hosts", "--no-poll", "--bind-interfaces", "--listen-address=\(host)",
            "--port=\(address.port ?? 53)",
        ]
        // As root it would become another user, who may not enter the state directory to read the file again.
        return isRoot ? arguments + ["--user=root", "--group=root"] : arguments
    }

    /// Starts the first process and returns when it serves. Call it once.
    func start() async throws {
        try startProcess()
        guard await ConnectionTest.succeeds(to: address, within: .seconds(5), on: loop) else {
            let output = (try? FileSystem.read(log.path)) ?? []
            throw Failure("\(name) does not serve \(address): \(String(decoding: output, as: UTF8.self))")
        }
    }

    private func startProcess() throws(SystemError) {
        process = try ChildProcess(
            command, on: loop,
            // On standard error, dnsmasq says no times.
            output: { [weak self, log, loop] (descriptor) throws(SystemError) in
                _ = try OutputCollector(adopting: descriptor, on: loop) { bytes in
                    log.append(self?.lines.stamp(bytes) ?? bytes)
                }
            },
            exited: { [weak self] in self?.ended($0) })
        processesChanged()
        started()
    }

    private func ended(_ status: ExitStatus) {
        process = nil
        processesChanged()
        if isStopping {
            stopped?()
            stopped = nil
            return
        }
        report("\(name) ended (\(status)) and is started again")
        let timer = Timer(on: loop) { [weak self] in
            guard let self, !isStopping else { return }
            do { try startProcess() } catch { report("\(name) cannot be started: \(error)") }
        }
        timer.schedule(after: Dnsmasq.restartDelay)
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

extension Dnsmasq {
    /// Answers with what it got from `server`, and goes on doing so for `time` seconds (at most 3600) whatever time to
    /// live came with it, as NodeLocal DNSCache and CoreDNS' own cache do with their 30 s. That a name does not exist is
    /// not kept: it would only delay the first pod's discovery by as much again.
    static func cacheOptions(of server: SocketAddress, for time: Int) -> [String] {
        let host = server.ip.map(String.init(describing:)) ?? ""
        return [
            "--server=\(host)#\(server.port ?? 53)", "--min-cache-ttl=\(time)", "--max-cache-ttl=\(time)",
            "--cache-size=1000", "--no-negcache",
        ]
    }
}
