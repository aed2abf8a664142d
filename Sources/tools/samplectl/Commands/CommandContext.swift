import Events
import Settings
import System
import Terminal

/// What every command has at hand.
struct CommandContext {
    let arguments: SettingValues
    let loop: EventLoop
    let paint: Paint

    func print(_ text: String = "") { Program.Output.standard.write(text + "\n") }
}
