/// A part of the demo that can be told by itself.
package protocol DemoChapter: Sendable {
    /// For `--chapter`.
    var name: String { get }
    /// For `--list`: one line.
    var summary: String { get }

    /// Plays it and returns the first claim that did not hold, as a sentence; nil if all held. Throws what kept it from
    /// being played.
    func play(on stage: DemoStage) async throws -> String?
}
