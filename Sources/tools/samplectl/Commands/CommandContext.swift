import Events
import System
import Terminal

/// What every command has at hand.
struct CommandContext {
    let arguments: Arguments
    let loop: EventLoop
    let paint: Paint

    func print(_ text: String = "") { Program.Output.standard.write(text + "\n") }
}
