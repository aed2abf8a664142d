package import Events
import HTTPTransport
import System

/// The life of a supervisor process, from its options to its exit status.
package enum Supervision {
    /// What the program that `Launcher` starts, which is its own, must take for `run`.
    package static let verb = "supervise"

    /// Runs until SIGTERM, SIGINT or `POST /down`. Call it from a task on `loop`.
    package static func run(
        instance: Instance, options: UpOptions, journal: Journal, on loop: EventLoop
    ) async throws {
        let resources = try await SystemResources.acquire(
            instance: instance, options: options, journal: journal, on: loop)
        let supervisor = try Supervisor(
            instance: instance, options: options, resources: resources, journal: journal, on: loop)
        let bound = LoopBound(supervisor, on: loop)
        let (ends, end) = AsyncStream<Void>.makeStream()
        let stop: @Sendable () -> Void = {
            bound.value.stop { end.finish() }
        }
        let signals = try SignalSource([.terminate, .interrupt], on: loop) { _ in stop() }
        defer { signals.close() }
        let control = try ControlServer.start(for: supervisor, stop: stop)
        do {
            try await supervisor.start()
        } catch {
            stop()
            for await _ in ends {}
            await control.stop(grace: .zero)
            try resources.directory.clear()
            throw error
        }
        for await _ in ends {}
        await control.stop(grace: .milliseconds(500))
        try resources.directory.remove()
        journal.write("stopped")
    }
}

/// What the supervisor has to say: on its standard output, which is a file when it runs in the background.
package struct Journal: Sendable {
    package init() {}

    package func write(_ message: String) {
        Program.Output.standard.write("\(LineStamper.now) \(message)\n")
    }
}
