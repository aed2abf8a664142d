import Events
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
            if ["help", "--help", "-h"].contains(first) {
                Program.Output.standard.write(Verb.help)
                return 0
            }
            guard let verb = Verb(rawValue: first) else {
                throw UsageError("there is no verb '\(first)'; samplectl --help lists them")
            }
            guard let arguments = try verb.syntax.parse(words.dropFirst()) else {
                Program.Output.standard.write(verb.syntax.help)
                return 0
            }
            return run(verb, arguments)
        } catch {
            return complain(error.description, UsageError.exitStatus)
        }
    }

    private static func complain(_ message: String, _ status: Int32) -> Int32 {
        Program.Output.error.write("\(Program.name): \(message)\n")
        return status
    }

    /// Runs the command in a task on a loop of this thread.
    private static func run(_ verb: Verb, _ arguments: SettingValues) -> Int32 {
        SignalSource.block(verb.handlesSignals ? [.terminate, .interrupt] : [])
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
