import Bytes
import LocalCluster
package import Settings
import Terminal

/// `samplectl trouble POD delay=50ms fail=0.2 | off`: makes one pod slow or faulty, while the system runs.
package enum TroubleCommand {
    static let operands = ["POD", "[off|delay=D|fail=F|code=C|for=D]..."]
    static let remarks = """
        Before each call it waits for delay; fail is the share of calls that fail, with UNAVAILABLE or code. It is over by
        itself after for, 10m if not given. Without any it tells what the pod does at present.
        Example: samplectl trouble POD delay=50ms fail=0.2
        """

    static func run(_ context: CommandContext) async throws -> Int32 {
        let query = try query(Array(context.arguments.operands.dropFirst()))
        let control = ControlClient(try Instance(context.arguments), on: context.loop)
        let pod = try await control.podName(context.arguments.operands[0])
        let state = try await PodTrouble.ask(pod, query, control, on: context.loop)
        context.print("\(pod) \(sentence(state))")
        return 0
    }

    /// What is asked of the pod, which looks at the values; nil for nothing.
    package static func query(_ words: [String]) throws(UsageError) -> String? {
        if words.isEmpty { return nil }
        if words == ["off"] { return "off" }
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, ["delay", "fail", "code", "for"].contains(parts[0]) else {
                throw UsageError("'\(word)' is not off alone, nor delay=, fail=, code= or for= with a value")
            }
            guard !parts[1].isEmpty, parts[1].utf8.allSatisfy(isPlain) else {
                throw UsageError("'\(word)' has no value such as 50ms, 0.2 or UNAVAILABLE")
            }
        }
        return words.joined(separator: "&")
    }

    /// Whatever the values are, they need no escapes.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
    }

    static func sentence(_ state: PodTrouble.State) -> String {
        guard state.isOn else { return "makes no trouble" }
        var parts: [String] = []
        if state.delay != "0s" { parts.append("waits \(state.delay) before each call") }
        let percent = (state.fail * 10_000).rounded() / 100
        if state.fail > 0 { parts.append("fails \(percent) % of calls with \(state.code)") }
        let time = "for \(Int(state.secondsLeft.rounded())) s more"
        return parts.joined(separator: ", ") + "; \(time); so far \(state.calls) calls, \(state.failed) failed"
    }
}
