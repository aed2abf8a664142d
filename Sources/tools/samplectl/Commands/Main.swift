import Events
import LocalCluster
import ServiceKit
import Settings
import System
import Terminal

/// From the words that were typed to the exit status.
enum Main {
    /// A nonisolated function: what it starts must not inherit the main actor, which never runs here.
    nonisolated static func run(_ words: [String]) -> Int32 {
        do throws(UsageError) {
            guard let first = words.first else {
                Program.Output.error.write(Verb.help)
                return UsageError.exitStatus
            }
            switch first {
            case "--help", "-h": return print(Verb.help)
            case "--version": return print(version + "\n")
            case Completion.verb: return print(Completion.answer(words.dropFirst()))
            default: break
            }
            let verb = try Verb.named(first)
            guard let arguments = try verb.syntax.parse(words.dropFirst()) else { return print(verb.syntax.help) }
            for slip in MisspeltVariables.find(among: Program.environmentNames, known: Variables.known) {
                Program.complain("warning: \(slip)")
            }
            return run(verb, arguments)
        } catch {
            return complain(error.description, UsageError.exitStatus)
        }
    }

    /// As the services have it.
    static var version: String { "\(Program.name) \(ServiceVersion.current)" }

    private static func print(_ text: String) -> Int32 {
        Program.Output.standard.write(text)
        return 0
    }

    private static func complain(_ message: String, _ status: Int32) -> Int32 {
        Program.complain(message)
        return status
    }

    /// Runs the command in a task on a loop of this thread.
    private static func run(_ verb: Verb, _ arguments: SettingValues) -> Int32 {
        SignalSource.block(verb.handlesSignals ? Interruption.signals : [])
        let outcome = Outcome()
        do {
            let loop = try EventLoop()
            loop.execute {
                loop.startTask {
                    let status = await perform(verb, arguments, on: loop)
                    loop.execute {
                        outcome.status = status
                        loop.stop()
                    }
                }
            }
            loop.run()
        } catch {
            return complain("\(error)", 1)
        }
        return outcome.status
    }

    private static func perform(_ verb: Verb, _ arguments: SettingValues, on loop: EventLoop) async -> Int32 {
        let context = CommandContext(arguments: arguments, loop: loop, paint: .forStandardOutput)
        do {
            return try await verb.perform(context)
        } catch {
            return complain("\(error)", error is UsageError ? UsageError.exitStatus : 1)
        }
    }
}

/// Carries the exit status out of the loop.
//
// Sendable: written on the loop's thread, which is the thread that reads it when the loop has stopped.
private final class Outcome: @unchecked Sendable {
    var status: Int32 = 0
}
