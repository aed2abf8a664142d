import Addresses
import Events

/// `samplectl demo`: plays the chapters and ends with one line that says whether everything was as claimed.
enum DemoCommand {
    private static let chapters: [any DemoChapter] = [FourCorners()]

    static func run(_ context: CommandContext) async throws -> Int32 {
        let arguments = try Arguments(["--name", "\(Instance.defaultName)-demo"], syntax: Verb.status.syntax)
        let stage = DemoStage(
            instance: try Instance(arguments), port: try choosePort(context), loop: context.loop, paint: context.paint)
        let bound = LoopBound(stage, on: context.loop)
        let objection: String?
        do {
            objection = try await Interruption.watching(on: context.loop) {
                // What a demo that was killed has left.
                try await bound.value.stop()
                return try await play(on: bound.value)
            } cleanUp: {
                try await stage.stop()
            }
        } catch {
            objection = (error as? Failure)?.message ?? "\(error)"
        }
        if let objection {
            context.print(context.paint(.red, "demo: failed: \(objection)"))
            return 1
        }
        context.print(context.paint(.green, "demo: passed"))
        return 0
    }

    private static func play(on stage: DemoStage) async throws -> String? {
        var objection: String?
        for chapter in chapters {
            let found = try await chapter.play(on: stage)
            objection = objection ?? found
        }
        return objection
    }

    /// The chart's NodePort, so that what is seen can be tried by hand; if it is taken, the next one that is free.
    private static func choosePort(_ context: CommandContext) throws -> UInt16 {
        if context.arguments.has("port") { return try UpOptions(context.arguments).port }
        let usual = UpOptions().port
        // From 32768 on the kernel gives ports to outgoing connections.
        for port in usual..<32768 where isFree(port, on: context.loop) {
            if port != usual { context.print("Port \(usual) is in use; the demo takes \(port).\n") }
            return port
        }
        throw Failure("no port from \(usual) to 32767 is free: choose one with --port")
    }

    private static func isFree(_ port: UInt16, on loop: EventLoop) -> Bool {
        (try? Listener(on: .ip(.v4(0x7f00_0001), port: port), loop: loop) { $0.discard() })?.close() != nil
    }
}
