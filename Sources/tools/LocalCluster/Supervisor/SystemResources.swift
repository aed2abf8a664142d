import Addresses
import Events
import System
import Terminal

/// What a system needs before its first process starts. Getting hold of it finds out whether it can run at all.
struct SystemResources {
    let options: UpOptions
    let directory: StateDirectory
    let plan: AddressPlan
    let finder: ProgramFinder
    let dnsmasq: String
    let nginxTemplate: String
    let envoyTemplate: String
    let webDirectory: String
    /// The lock on the directory and the claim on the network, held as long as these objects live.
    let claims: [AnyObject]

    /// Finds the programs, takes the lock, removes what a killed supervisor left, and claims a network. Each failure
    /// says what to do.
    static func acquire(
        instance: Instance, options: UpOptions, journal: Journal, on loop: EventLoop
    ) async throws -> SystemResources {
        let finder = ProgramFinder.current
        let dnsmasq = try finder.path(of: .system("dnsmasq", package: "dnsmasq-base"))
        let workingDirectory = Program.workingDirectory ?? "/"
        let template = try finder.nginxTemplate(from: workingDirectory)
        let envoyTemplate = try finder.envoyTemplate(from: workingDirectory)
        let webDirectory = try finder.webDirectory(options.webDirectory, from: workingDirectory)
        let directory = StateDirectory(instance.directory)
        try directory.prepare()
        guard let lock = try FileLock(directory.lock) else { throw alreadyRuns(instance) }
        let count = await Leftovers.end(in: directory, on: loop)
        if count > 0 { journal.write("removed \(count) processes that a killed \(Program.name) had left") }
        try directory.clear()
        let (plan, claim) = try claimNetwork(for: instance, on: loop)
        if let missing = options.mode.missing { throw Failure(missing) }
        try checkPorts(options: options, plan: plan, on: loop)
        return SystemResources(
            options: options, directory: directory, plan: plan, finder: finder, dnsmasq: dnsmasq,
            nginxTemplate: template, envoyTemplate: envoyTemplate, webDirectory: webDirectory, claims: [lock, claim])
    }

    static func alreadyRuns(_ instance: Instance) -> Failure {
        Failure(
            "\(instance.name) is running already: \(Program.name) down\(instance.commandSuffix) stops it,"
                + " --name starts another beside it")
    }

    private static func claimNetwork(for instance: Instance, on loop: EventLoop) throws -> (AddressPlan, Listener) {
        for plan in AddressPlan.candidates(for: instance.name) {
            do throws(SystemError) {
                let listener = try Listener(on: plan.claim, loop: loop) { $0.discard() }
                return (plan, listener)
            } catch {
                if !error.isAddressInUse { throw error }
            }
        }
        throw Failure("all networks 127.16.0.0/16 to 127.239.0.0/16 are in use: \(Program.name) down stops a system")
    }

    /// The node's port may be taken; and a program that listens on a port of *every* address has it on the pods', too.
    private static func checkPorts(options: UpOptions, plan: AddressPlan, on loop: EventLoop) throws {
        try check(options.entry, on: loop) { error in
            if error.isAddressNotAvailable {
                return "--listen \(options.listen): this machine has no such address (ip address lists those it has)"
            }
            return error.isPermissionDenied
                ? "port \(options.port) needs privileges: choose one above 1023 with --port"
                : "port \(options.port) is in use: choose another with --port"
        }
        if options.listen.isUnspecified, Topology(Mode.all).allPorts(options, plan).contains(options.port) {
            throw Failure(
                "--listen \(options.listen) takes the port on every address, and others of the system have port"
                    + " \(options.port) on theirs: choose another with --port")
        }
        for port in Topology(options.modes).podPorts(options, plan) {
            try check(.ip(plan.podAddress(number: 254), port: port), on: loop) { _ in
                "the pods need port \(port) on addresses of their own, and a program has it on all addresses: "
                    + "stop that program (ss -ltnp 'sport = :\(port)' names it)"
            }
        }
    }

    private static func check(
        _ address: SocketAddress, on loop: EventLoop, _ message: (SystemError) -> String
    ) throws {
        do throws(SystemError) {
            let listener = try Listener(on: address, loop: loop) { $0.discard() }
            listener.close()
        } catch {
            if error.isAddressInUse || error.isPermissionDenied || error.isAddressNotAvailable {
                throw Failure(message(error))
            }
            throw error
        }
    }
}
