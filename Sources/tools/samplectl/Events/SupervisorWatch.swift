import LocalCluster
import Settings
import System
import Terminal
import Timing

/// Tells who follows a system that its supervisor was killed: then the directory stays, and nothing new comes.
struct SupervisorWatch {
    /// As `status -w` waits: a supervisor that is being replaced is away for a moment.
    private static let patience = Duration.seconds(10)
    private static let interval = Duration.seconds(1)

    private let instance: Instance
    private var lastLook = MonotonicClock.now
    private var lastSeen = MonotonicClock.now

    init(_ instance: Instance) {
        self.instance = instance
    }

    /// Throws when there has been none for a while.
    mutating func check() throws {
        let now = MonotonicClock.now
        guard now - lastLook >= Self.interval else { return }
        lastLook = now
        let state = StateFile.read(StateDirectory(instance.directory).state)
        if let supervisor = state?.supervisor, ProcessTable.isRunning(supervisor) {
            lastSeen = now
        } else if now - lastSeen > Self.patience {
            throw Failure("\(instance.name)'s supervisor is gone; samplectl down clears away what is left")
        }
    }
}
