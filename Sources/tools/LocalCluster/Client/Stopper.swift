package import Events
import System
import Terminal
import Timing

/// Stops a system, whatever state it is in, and removes its files. Loop thread only.
package struct Stopper {
    /// Longer than a supervisor needs in any case.
    private static let patience = Supervisor.entryGrace + Supervisor.stopGrace + .seconds(8)

    private let instance: Instance
    private let loop: EventLoop

    package init(instance: Instance, loop: EventLoop) {
        self.instance = instance
        self.loop = loop
    }

    /// False if there was nothing to stop.
    @discardableResult
    package func stop() async throws -> Bool {
        let directory = StateDirectory(instance.directory)
        guard directory.exists else { return false }
        // A directory that no supervisor made is not touched.
        guard try FileSystem.entry(at: directory.lock) != nil else { return false }
        try directory.prepare()
        let supervisor = StateFile.read(directory.state)?.supervisor
        let deadline = MonotonicClock.now + Stopper.patience
        let control = ControlClient(instance, on: loop)
        var isAsked = false
        // The lock is free when the supervisor has ended, whichever way.
        while directory.exists {
            if let lock = try takeLock(directory) {
                defer { withExtendedLifetime(lock) {} }
                let hadLeftovers = try await clean(directory)
                try await waitForEnd(of: supervisor)
                return hadLeftovers || isAsked
            }
            if !isAsked { isAsked = (try? await control.down()) != nil }
            if MonotonicClock.now > deadline {
                guard let supervisor = StateFile.read(directory.state)?.supervisor else {
                    throw Failure("the supervisor holds \(directory.lock) and does not answer; end it by hand")
                }
                ProcessTable.signal(.kill, supervisor)
            }
            try await loop.sleep(for: .milliseconds(20))
        }
        try await waitForEnd(of: supervisor)
        return true
    }

    /// nil if a supervisor holds the lock, or has removed the directory just now.
    private func takeLock(_ directory: StateDirectory) throws(SystemError) -> FileLock? {
        do throws(SystemError) {
            return try FileLock(directory.lock)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    /// A supervisor removes its directory last of all, and is still a process for a moment.
    private func waitForEnd(of supervisor: ProcessIdentity?) async throws {
        guard let supervisor else { return }
        let deadline = MonotonicClock.now + .seconds(2)
        while ProcessTable.isRunning(supervisor), MonotonicClock.now < deadline {
            try await loop.sleep(for: .milliseconds(5))
        }
    }

    /// For a supervisor that did not clean up itself. True if it left processes or their files.
    private func clean(_ directory: StateDirectory) async throws -> Bool {
        let hadState = try FileSystem.entry(at: directory.state) != nil
        let count = await Leftovers.end(in: directory, on: loop)
        try directory.remove()
        return hadState || count > 0
    }
}
