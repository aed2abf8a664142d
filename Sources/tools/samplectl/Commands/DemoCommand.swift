import Bytes
import LocalCluster
import Settings
import Story
import Terminal

/// `samplectl demo`: plays the chapters and ends with one line that says whether everything was as claimed.
enum DemoCommand {
    private static let chapter = Setting(
        "CHAPTER", .string("NAME", suggestions: (Chapters.all + Chapters.modes).map(\.name)), default: "",
        help: "only this one: \(Chapters.names)")
    private static let list = Setting(
        "LIST", .flag, default: false, help: "tell what the chapters are about, and play none")
    private static let modes = Setting(
        "MODES", .flag, default: false, help: "another story: every load-balancing mode, measured; ends with a table")
    private static let port = Setting(
        "PORT", .integer(1...65535), placeholder: "PORT", default: Int(UpOptions().port),
        help: "nginx's port on 127.0.0.1 (default: 31234, or the next free one)")
    static let settings: [any AnySetting] = [chapter, list, modes, port]

    static func run(_ context: CommandContext) async throws -> Int32 {
        let chosen = try choose(context.arguments)
        if context.arguments[list] {
            let width = Chapters.all.map(\.name.count).max() ?? 0
            let lines = chosen.flatMap { Paragraphs.item($0.name, $0.summary, column: width + 2) }
            for line in lines { context.print(line) }
            return 0
        }
        return try await play(chosen, context)
    }

    private static func choose(_ arguments: SettingValues) throws(UsageError) -> [any DemoChapter] {
        let chosen = arguments[modes] ? Chapters.modes : Chapters.all
        let story = arguments[modes] ? Chapters.modes : Chapters.all + Chapters.more
        guard let name = arguments.given(chapter) else { return arguments[list] ? story : chosen }
        guard let chapter = story.first(where: { $0.name == name }) else {
            throw UsageError("there is no chapter '\(name)'; there are: \(story.map(\.name).joined(separator: ", "))")
        }
        return [chapter]
    }

    private static func play(_ chapters: [any DemoChapter], _ context: CommandContext) async throws -> Int32 {
        let stage = DemoStage(
            instance: try Instance(name: "\(Instance.defaultName)-demo"), port: try choosePort(context),
            loop: context.loop, paint: context.paint)
        let title = context.arguments[modes] ? "modes" : "demo"
        return try await Chapters.play(chapters, as: title, on: stage) ? 0 : 1
    }

    /// The chart's NodePort, so that what is seen can be tried by hand; if it is taken, the next one that is free.
    private static func choosePort(_ context: CommandContext) throws -> UInt16 {
        if let chosen = context.arguments.given(port) { return UInt16(chosen) }
        let usual = UpOptions().port
        let candidate = try FreePort.first(from: usual, on: context.loop)
        if candidate != usual { context.print("Port \(usual) is in use; the demo takes \(candidate).\n") }
        return candidate
    }
}
