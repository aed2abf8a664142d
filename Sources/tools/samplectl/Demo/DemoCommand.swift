import Addresses
import Events

/// `samplectl demo`: plays the chapters and ends with one line that says whether everything was as claimed.
enum DemoCommand {
    private static let chapters: [any DemoChapter] = [
        FourCorners(), IdlePods(), ScalingUnderLoad(), ReadinessSwitch(), RollingRestart(), KilledPod(),
    ]

    package static let chapterNames = chapters.map(\.name).joined(separator: ", ")

    static func run(_ context: CommandContext) async throws -> Int32 {
        let chosen = try choose(context.arguments)
        if context.arguments.has("list") {
            let width = chapters.map(\.name.count).max() ?? 0
            for chapter in chosen { context.print("\(chapter.name.padded(to: width))  \(chapter.summary)") }
            return 0
        }
        return try await play(chosen, context)
    }

    private static func choose(_ arguments: Arguments) throws(UsageError) -> [any DemoChapter] {
        guard let name = arguments.options["chapter"] else { return chapters }
        guard let chapter = chapters.first(where: { $0.name == name }) else {
            throw UsageError("there is no chapter '\(name)'; there are: \(chapterNames)")
        }
        return [chapter]
    }

    private static func play(_ chapters: [any DemoChapter], _ context: CommandContext) async throws -> Int32 {
        let arguments = try Arguments(["--name", "\(Instance.defaultName)-demo"], syntax: Verb.status.syntax)
        let stage = DemoStage(
            instance: try Instance(arguments), port: try choosePort(context), loop: context.loop, paint: context.paint)
        let bound = LoopBound(stage, on: context.loop)
        let objection: String?
        do {
            objection = try await Interruption.watching(on: context.loop) {
                // What a demo that was killed has left.
                try await bound.value.stop()
                let objection = try await play(chapters, on: bound.value)
                try await bound.value.stop()
                return objection
            } cleanUp: {
                try await stage.stop()
            }
        } catch {
            _ = try? await stage.stop()
            objection = (error as? Failure)?.message ?? "\(error)"
        }
        if let objection {
            context.print("\n" + context.paint(.red, "demo: failed: \(objection)"))
            return 1
        }
        context.print("\n" + context.paint(.green, "demo: passed"))
        return 0
    }

    private static func play(_ chapters: [any DemoChapter], on stage: DemoStage) async throws -> String? {
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
