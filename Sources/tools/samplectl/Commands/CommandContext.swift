import Events
import Settings
import System
import Terminal

/// What every command has at hand.
struct CommandContext {
    let arguments: SettingValues
    let loop: EventLoop
    let paint: Paint

    func print(_ text: String = "", terminator: String = "\n") { Program.Output.standard.write(text + terminator) }
}
