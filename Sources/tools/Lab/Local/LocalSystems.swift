import Addresses
package import Events
import HTTP
import Instruments
import LoadBalancing
package import LocalCluster
package import System
import Terminal
import Timing

/// Systems on this machine, each started anew. Loop thread only.
package final class LocalSystems: TrialSystems {
    private let instance: Instance
    private let port: UInt16
    private let loop: EventLoop
    private let reader: EventLoop
    private var lock: TransientLock?
    private var current: Scene?

    package init(instance: Instance, port: UInt16, on loop: EventLoop) throws(SystemError) {
        self.instance = instance
        self.port = port
        self.loop = loop
        reader = try EventLoop.startThread(named: "reader")
    }

    deinit { reader.stop() }

    package var place: String { "this machine" }

    package func obstacle(to mode: Mode) -> String? { mode.missing }

    package func prepare() throws {
        do throws(SystemError) {
            try Listener(on: .ip(.v4(0x7f00_0001), port: port), loop: loop) { $0.discard() }.close()
        } catch {
            guard error.isAddressInUse else { throw error }
            throw Failure("port \(port) is in use: choose another with --port")
        }
    }

    package func start(_ setup: TrialSetup) async throws -> any TrialSystem {
        try await stop()
        let options = LocalSystems.options(setup, port: port)
        let report = try await Launcher(instance: instance, options: options, loop: loop, isAttached: true).start()
        let scene = Scene(
            options: options, report: report, client: EntryClient(port: port, on: loop),
            control: ControlClient(instance, on: loop), loop: loop)
        current = scene
        _ = try await scene.settle()
        return LocalSystem(setup, scene, in: StateDirectory(instance.directory), reader: reader)
    }

    package func stop() async throws {
        try claim()
        current?.client.close()
        current = nil
        try await Stopper(instance: instance, loop: loop).stop()
    }

    /// Two of them would stop each other's systems, as what a lab has left that was killed.
    private func claim() throws {
        guard lock == nil else { return }
        let path = "\(instance.directory).lock"
        // Another lab that has just ended takes the folder with it.
        for attempt in 1...LocalSystems.mostAttempts {
            do throws(SystemError) {
                try FileSystem.createDirectory(parent)
                lock = try TransientLock(path)
                break
            } catch {
                guard error.isNotFound, attempt < LocalSystems.mostAttempts else { throw error }
            }
        }
        if lock == nil { throw Failure("another lab runs on this machine (it holds \(path)): wait until it has ended") }
    }

    private static let mostAttempts = 10

    /// Lets the next lab begin. Call it when nothing runs any more; nothing of the lab's is left then.
    package func release() {
        guard lock != nil else { return }
        lock = nil
        // Where `up` makes it, too, and also leaves nothing; others may have their systems there.
        if parent.hasSuffix("/sample-service-\(Program.userID)") { try? FileSystem.removeEmptyDirectory(parent) }
    }

    private var parent: String {
        let path = instance.directory
        return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    /// Pods that end serve on as long as the mode needs, and no longer.
    package static func options(_ setup: TrialSetup, port: UInt16) -> UpOptions {
        var options = UpOptions()
        options.mode = setup.mode
        options.chosenPolicy = setup.policy
        options.replicas = setup.pods
        options.port = port
        options.maxConnectionAge = setup.connectionAge
        options.dnsInterval = setup.dnsInterval
        options.dnsTTL = setup.dnsTTL
        options.chosenShutdownDelay = max(.seconds(3), setup.mode.dnsInterval.map { $0(options) } ?? .zero)
        return options
    }
}
