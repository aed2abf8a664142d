/// What is done in each trial, for whoever has nothing but the report.
enum LabTrialWords {
    /// By the section that figures stand in, in the order of the trials.
    private static let all: [(trial: String, words: String)] = [
        ("start", "the system is started"),
        (
            "spread",
            "nothing is done; who gets the first 500 calls. Fairness is Jain's index, (Σx)² ÷ (n Σx²) of the pods' counts x:"
                + " 1 if all serve the same, 1/n if one serves all"
        ),
        ("undisturbed", "nothing is done until each connection has reached its age once"),
        ("connections", "at the end of it: how many the grpc pods have, of whomever; the median of three looks"),
        ("connection-age", "since the start: which of the gateway's connections their pods have ended"),
        ("queries", "the gateway's look-ups since the start; what DNS server and registry were asked, by all"),
        ("latency", "of the undisturbed calls: what others stand beside"),
        ("cost", "processor time of each part in that time, for one call"),
        ("slow-pod", "the busiest of five pods waits 200 ms before each answer; after 1.5 s, 6 s count"),
        ("scale-out", "twice as many pods are ordered, all at once"),
        ("long-call", "with it begin a call and a stream, longer than a connection may live"),
        ("scale-in", "half of the pods are told to end, all at once"),
        ("restart", "a rolling restart: each pod is replaced"),
        ("kill", "kill -9 of the busiest pod, which has its part of 50 calls of 4 s under way"),
    ]

    /// Of the trials that the report has figures of.
    static func table(of report: LabReport) -> String {
        let made = Set(report.figures.map(\.trial))
        return Markdown.table(
            ["trial", "what is done"],
            all.filter { made.contains($0.trial) }.map { [Markdown.escape($0.trial), Markdown.escape($0.words)] })
    }
}
