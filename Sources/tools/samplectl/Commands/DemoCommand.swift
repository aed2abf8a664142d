import Addresses
import Events
import LocalCluster
import Story
import Terminal

/// `samplectl demo`: plays the chapters and ends with one line that says whether everything was as claimed.
enum DemoCommand {
    static func run(_ context: CommandContext) async throws -> Int32 {
        let chosen = try choose(context.arguments)
        if context.arguments.has("list") {
            let width = Chapters.all.map(\.name.count).max() ?? 0
            for chapter in chosen { context.print("\(chapter.name.padded(to: width))  \(chapter.summary)") }
            return 0
        }
        return try await play(chosen, context)
    }

    private static func choose(_ arguments: Arguments) throws(UsageError) -> [any DemoChapter] {
        guard let name = arguments.options["chapter"] else { return Chapters.all }
        guard let chapter = Chapters.all.first(where: { $0.name == name }) else {
            throw UsageError("there is no chapter '\(name)'; there are: \(Chapters.names)")
        }
        return [chapter]
    }

    private static func play(_ chapters: [any DemoChapter], _ context: CommandContext) async throws -> Int32 {
        let arguments = try Arguments(["--name", "\(Instance.defaultName)-demo"], syntax: Verb.status.syntax)
        let stage = DemoStage(
            instance: try Instance(arguments), port: try choosePort(context), loop: context.loop, paint: context.paint)
        return try await Chapters.play(chapters, on: stage) ? 0 : 1
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
