package import JSON

/// What the gateway's channel has told of itself in several answers of `GET /go/channel`, each event once.
package struct ChannelDiary: Equatable, Sendable {
    package struct Event: Equatable, Sendable {
        /// `connected`, `goaway`, …: docs/routes.md lists them.
        package let kind: String
        package let reason: String
        /// Of the connection that it is about.
        package let ageSeconds: Double?
    }

    /// In the order in which they happened.
    package private(set) var events: [Event] = []
    /// How often the target has been looked up.
    package var lookups: Int { told - forgotten }
    /// How often the gateway has looked up all pods, which it does for whoever reads this answer.
    package private(set) var podLookups = 0
    /// Look-ups, as the gateway counts them, and how many of them are of before.
    private var told = 0
    private var forgotten = 0
    private var known: Set<String> = []

    package init() {}

    /// Adds what is new.
    package mutating func read(_ answer: JSONValue) {
        told = ChannelDiary.count(answer["resolver"]?["lookups"]) ?? told
        podLookups = ChannelDiary.count(answer["podSource"]?["lookups"]) ?? podLookups
        for event in answer["events"]?.array ?? [] {
            guard let id = event["id"]?.string, let kind = event["kind"]?.string, known.insert(id).inserted else {
                continue
            }
            events.append(
                Event(kind: kind, reason: event["reason"]?.string ?? "", ageSeconds: event["ageSeconds"]?.double))
        }
    }

    private static func count(_ value: JSONValue?) -> Int? {
        value?.integer.flatMap { Int(exactly: $0) }.map { min(max(0, $0), RegistryCounts.most) }
    }

    /// What was told until now is of before.
    package mutating func forget() {
        events = []
        forgotten = told
    }

    package func count(_ kind: String) -> Int { events.count { $0.kind == kind } }

    /// How old connections were when their server said that they were old enough.
    package var agesAtEnd: [Double] {
        events.filter { $0.kind == "goaway" && $0.reason.hasPrefix("max_age") }.compactMap(\.ageSeconds)
    }
}
