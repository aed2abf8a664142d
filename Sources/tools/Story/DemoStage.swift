import Bytes
package import Events
import Instruments
package import LocalCluster
import System
package import Terminal

/// What the chapters of the demo play on: it starts and stops systems of the demo's own, and speaks to the audience. Loop
/// thread only.
package final class DemoStage {
    let instance: Instance
    let port: UInt16
    let loop: EventLoop
    let paint: Paint
    private var current: Scene?
    /// What the chapters about modes found.
    var figures: [ModeFigures] = []

    package init(instance: Instance, port: UInt16, loop: EventLoop, paint: Paint) {
        self.instance = instance
        self.port = port
        self.loop = loop
        self.paint = paint
    }

    /// In lines that a small terminal has room for.
    func say(_ text: String = "") { write(Paragraphs.fit(text)) }

    /// The last line of all. In a pipe it stays one, for a script that looks at it.
    func conclude(_ text: String) {
        say()
        if Program.Output.standard.isTerminal { say(text) } else { write(text) }
    }

    /// Says every line a little to the right of the headings.
    func tell(_ text: String) { indented(Paragraphs.fit(text, width: DemoStage.width)) }

    /// What is laid out in columns, and keeps to `width` by itself.
    func show(_ lines: [String]) { indented(lines.joined(separator: "\n")) }

    func show(_ table: Table) {
        say()
        indented(table.text(sentencesWithin: DemoStage.width))
    }

    /// Of what is told and shown, in columns.
    static let width = Paragraphs.width - margin.count
    private static let margin = "   "

    private func indented(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            write(line.isEmpty ? "" : DemoStage.margin + line)
        }
    }

    private func write(_ text: String) { Program.Output.standard.write(text + "\n") }

    func showComparison() {
        guard !figures.isEmpty else { return }
        say("\n" + paint.bold("The modes side by side"))
        show(ModeFigures.spread(figures))
        show(ModeFigures.cost(figures))
        tell(ModeFigures.legend)
    }

    /// A heading, and what is going to happen.
    func open(_ title: String, _ explanation: String) {
        say("\n" + paint.bold(title) + "\n")
        tell(explanation)
    }

    /// Says what became of the claims, and returns the first objection, as a sentence.
    func judge(_ verdicts: [Verdict]) -> String? {
        for verdict in verdicts { tell(verdict.line(paint)) }
        return verdicts.first { $0.objection != nil }.flatMap { verdict in
            verdict.objection.map { "\(verdict.claim): \($0)" }
        }
    }

    /// A system with these options: the one that runs if it has them, else a new one in its place.
    func scene(_ options: UpOptions) async throws -> Scene {
        var options = options
        options.port = port
        if let current, current.options == options { return current }
        try await stop()
        let report = try await Launcher(instance: instance, options: options, loop: loop, isAttached: true).start()
        let scene = Scene(
            options: options, report: report, client: EntryClient(port: port, on: loop),
            control: ControlClient(instance, on: loop), loop: loop)
        current = scene
        return scene
    }

    func stop() async throws {
        current?.client.close()
        current = nil
        try await Stopper(instance: instance, loop: loop).stop()
    }
}
