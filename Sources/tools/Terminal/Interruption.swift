package import Events
package import System

/// Ctrl-C, or the terminal's end, while something runs that would otherwise leave things behind.
package enum Interruption {
    /// What has to be blocked before any thread starts (`SignalSource.block`).
    package static let signals = SignalSource.wanted([.terminate, .interrupt, .hangUp])

    /// Runs `body` in a task of its own on the loop; SIGINT, SIGTERM and SIGHUP cancel it, and then `cleanUp` runs, which is not
    /// cancelled. `outcome` is what whoever pressed it is told then. Call it from a task on `loop`.
    package static func watching<Result: Sendable>(
        on loop: EventLoop, outcome: String = "everything is stopped",
        _ body: @escaping @Sendable () async throws -> Result, cleanUp: () async throws -> Void
    ) async throws -> Result {
        let work = Task(executorPreference: loop) { try await body() }
        let flag = Flag()
        let signals = try SignalSource(Interruption.signals, on: loop) { _ in
            flag.isRaised = true
            work.cancel()
        }
        defer { signals.close() }
        do {
            return try await work.value
        } catch  where flag.isRaised {
            try await cleanUp()
            throw Failure("interrupted; \(outcome)")
        }
    }

    private final class Flag {
        var isRaised = false
    }
}
