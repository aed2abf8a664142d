import Addresses
import Timing

extension DoctorReport {
    package init(_ seen: TargetObservation) {
        self.init(
            subject: seen.target, facts: TargetFacts.facts(seen), findings: TargetDiagnosis.findings(seen))
    }
}

/// What was seen of a target, in lines: a healthy one has nothing else to show.
enum TargetFacts {
    static func facts(_ seen: TargetObservation) -> [DoctorReport.Fact] {
        var facts = [DoctorReport.Fact("name", resolution(seen.resolution))]
        guard !seen.addresses.isEmpty else { return facts }
        facts.append(.init("policy", seen.policy.name + (seen.policy == .assumed ? " (assumed; --policy)" : "")))
        facts.append(.init("connections", connections(seen)))
        facts.append(.init("tls", tls(seen)))
        let health = seen.addresses.compactMap(\.health).map(\.word)
        if !health.isEmpty { facts.append(.init("health", tally(health))) }
        if seen.servers.callsOnOneConnection > 0 { facts.append(.init("servers", servers(seen.servers))) }
        if let watch = seen.watch {
            facts.append(.init("watched", text(watch)))
        } else if seen.servers.spreadPerCall {
            facts.append(.init("watched", "not needed: something in between chooses a server for each call"))
        } else if seen.sourceTells {
            facts.append(.init("watched", "not needed: whoever names the servers tells of each change"))
        }
        return facts
    }

    private static func resolution(_ resolution: ResolutionObservation) -> String {
        switch resolution {
        case .failed(_, let text): return text
        case .found(let addresses, let timeToLive, let took):
            let number = addresses.count == 1 ? "1 address" : "\(addresses.count) addresses"
            let time = timeToLive.map { ", good for \(DurationText.format($0))" } ?? ""
            return "\(number) after \(TargetDiagnosis.milliseconds(took))\(time): \(TargetDiagnosis.list(addresses))"
        }
    }

    private static func connections(_ seen: TargetObservation) -> String {
        let ready = seen.addresses.filter { $0.outcome == .ready }
        let slowest = ready.map(\.took).max().map { ", the slowest after \(TargetDiagnosis.milliseconds($0))" } ?? ""
        let others = seen.resolution.addresses.count - seen.addresses.count
        return "\(ready.count) of \(seen.addresses.count) tried are ready for calls\(slowest)"
            + (others > 0 ? "; \(others) more addresses were not tried" : "")
    }

    private static func tls(_ seen: TargetObservation) -> String {
        guard seen.serverName != nil else { return "off: clear text" }
        let ready = seen.addresses.filter { $0.outcome == .ready }.compactMap(\.tls)
        return ready.isEmpty ? "on; established with none" : tally(ready.map(TargetDiagnosis.text))
    }

    private static func servers(_ servers: ServersObservation) -> String {
        guard let naming = servers.namedBy, !servers.namesCalls else { return "nothing names them" }
        return "\(servers.all.count) named by \(naming.text): \(TargetDiagnosis.names(servers.all)); "
            + "over one connection \(TargetDiagnosis.count(servers.callsOnOneConnection, "call")) reached "
            + "\(servers.onOneConnection.count)"
    }

    private static func text(_ watch: WatchObservation) -> String {
        let calls = "\(TargetDiagnosis.count(watch.calls, "call")), \(watch.failedCalls) failed"
        let time = "\(seconds(watch.lasted)) of \(TargetDiagnosis.time(watch.wanted))"
        let failure = watch.lastFailure.map { " (\($0))" } ?? ""
        guard let closing = watch.closings.first else { return "\(time): \(calls)\(failure); no connection was closed" }
        let met = watch.addressesMet > 1 ? "; \(watch.addressesMet) addresses met" : ""
        let closed = "\(TargetDiagnosis.count(watch.closings.count, "connection")) closed"
        return "\(time): \(calls)\(failure); \(closed), the first one by \(closing.address) after "
            + "\(seconds(closing.age)): \(closing.reason)\(met)"
    }

    private static func seconds(_ duration: Duration) -> String {
        let tenths = max(duration.nanoseconds + 50_000_000, 0) / 100_000_000
        return "\(tenths / 10).\(tenths % 10) s"
    }

    /// Each once, with how often it is there if they differ.
    private static func tally(_ words: [String]) -> String {
        var order: [String] = []
        for word in words where !order.contains(word) { order.append(word) }
        if order.count == 1 { return order[0] }
        return order.map { word in "\(words.count { $0 == word }) × \(word)" }.joined(separator: "; ")
    }
}
