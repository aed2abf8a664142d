package import HTTP
package import RPCCore
import Timing

/// What a pod does to its callers on purpose, so that one can see what a policy, a retry or an alarm does about it. Pure.
package struct Trouble: Hashable, Sendable {
    package static let longestDelay = Duration.seconds(60)
    package static let usualTime = Duration.seconds(600)
    package static let longestTime = Duration.seconds(24 * 3600)

    /// Before each call.
    package private(set) var delay = Duration.zero
    /// The share of calls that fail, before anything else is done for them: 0 to 1.
    package private(set) var fail = 0.0
    /// With what.
    package private(set) var code = StatusCode.unavailable
    /// After this it is over by itself.
    package private(set) var time = Trouble.usualTime

    /// What was asked for.
    package enum Request: Hashable, Sendable {
        case begin(Trouble)
        case end
    }

    /// Why it cannot be done, for whoever asked.
    package struct Problem: Error, Hashable {
        package let message: String

        package init(message: String) { self.message = message }
    }

    /// `delay=50ms&fail=0.2`, with `code=ABORTED` and `for=1m` if need be; or `off`.
    package static func request(_ query: QueryParameters) throws(Problem) -> Request {
        if let problem = query.problems.first { throw Problem(message: short("\(problem)")) }
        if let unknown = query.unknownNames(besides: ["delay", "fail", "code", "for", "off"]).first {
            throw Problem(message: "'\(short(unknown))' is unknown, expected delay, fail, code, for, or off")
        }
        if let off = query["off"] {
            guard off.isEmpty, query.items.count == 1 else { throw Problem(message: "off stands alone") }
            return .end
        }
        return .begin(try Trouble(query))
    }

    private init(_ query: QueryParameters) throws(Problem) {
        if let text = query["delay"] {
            delay = try Trouble.duration(text, "delay", atMost: Trouble.longestDelay, such: "50ms or 1s")
        }
        if let text = query["fail"] { fail = try Trouble.share(text) }
        guard delay > .zero || fail > 0 else {
            throw Problem(message: "neither a delay nor calls that fail: say delay=50ms, fail=0.2, both, or off")
        }
        if let text = query["code"] {
            guard fail > 0 else { throw Problem(message: "code is of calls that fail: say which share by fail=0.2") }
            code = try Trouble.code(text)
        }
        if let text = query["for"] {
            time = try Trouble.duration(text, "for", atMost: Trouble.longestTime, such: "30s or 10m")
            guard time > .zero else { throw Problem(message: "for '\(Trouble.short(text))' is no time at all") }
        }
    }

    private static func duration(
        _ text: String, _ name: String, atMost limit: Duration, such examples: String
    ) throws(Problem) -> Duration {
        guard let duration = DurationText.parse(text), duration <= limit else {
            let most = DurationText.format(limit)
            throw Problem(message: "\(name) '\(short(text))' is not a duration of at most \(most), such as \(examples)")
        }
        return duration
    }

    /// A digit or none, and at most four decimals: with more of them `x-trouble` says 1e-05 and the log 0 %, and what else
    /// Swift takes for a number (`0x1p-2`, `nan`) would only puzzle.
    private static func share(_ text: String) throws(Problem) -> Double {
        let digits = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let (whole, decimals) = (digits[0].count, digits.count == 2 ? digits[1].count : 0)
        let isLong = whole > 1 || decimals > 4 || digits.count > 2
        let isNumber =
            digits[digits.count - 1].count > 0 && digits.allSatisfy { $0.allSatisfy { (0x30...0x39).contains($0) } }
        guard isNumber, !isLong, let share = Double(text), (0...1).contains(share) else {
            throw Problem(message: "fail '\(short(text))' is not a share of calls from 0 to 1, such as 0.2 or 0.0005")
        }
        return share
    }

    private static func code(_ text: String) throws(Problem) -> StatusCode {
        let known = StatusCode.allCases.filter { $0 != .ok }
        guard let code = known.first(where: { $0.name == text || String($0.rawValue) == text }) else {
            throw Problem(message: "code '\(short(text))' is not the status of a call that failed, such as UNAVAILABLE")
        }
        return code
    }

    /// Of what a stranger wrote, so much as helps to find it.
    private static func short(_ text: String) -> String {
        let printable = String(
            text.unicodeScalars.prefix(60).map { $0.value < 0x20 || $0.value == 0x7f ? "?" : Character($0) })
        return text.unicodeScalars.count > 60 ? "\(printable)…" : printable
    }

    /// As it was asked for: what callers are told (`x-trouble`).
    package var description: String {
        var words: [String] = []
        if delay > .zero { words.append("delay=\(DurationText.format(delay))") }
        if fail > 0 { words.append(fail == 1 ? "fail=1" : "fail=\(fail)") }
        if fail > 0, code != .unavailable { words.append("code=\(code.name)") }
        return words.joined(separator: " ")
    }

    /// In words, for the log.
    package var sentence: String {
        var parts: [String] = []
        if delay > .zero { parts.append("every call waits \(DurationText.format(delay))") }
        if fail > 0 { parts.append("\(percent) % of calls fail with \(code.name)") }
        return parts.joined(separator: ", ") + ", for \(DurationText.format(time))"
    }

    private var percent: String {
        let rounded = (fail * 10_000).rounded() / 100
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
