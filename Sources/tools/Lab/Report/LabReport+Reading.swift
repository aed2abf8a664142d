package import JSON
package import Terminal

/// A report from its `report.json`: to lay it out anew.
extension LabReport {
    /// Throws what is not there, or not as it should be.
    package init(json: JSONValue) throws(Failure) {
        let members = Members(json, "report.json")
        guard json["kind"]?.string == LabReport.kind, json["format"]?.integer == LabReport.format else {
            throw Failure(
                "this is no report of samplectl lab, of format \(LabReport.format): kind and format say otherwise")
        }
        let machine = Members(try members.get("machine"), "machine")
        self.init(
            began: try members.text("began"), tookSeconds: try members.number("tookSeconds"),
            version: try members.text("version"), isQuick: try members.flag("quick"), place: try members.text("place"),
            machine: Machine(
                processor: try machine.text("processor"), processors: try machine.count("processors"),
                memoryMiB: try machine.count("memoryMiB"), system: try machine.text("system")),
            settings: try members.list("settings").map { (entry) throws(Failure) in
                Setting(try entry.text("name"), try entry.text("value"))
            })
        modes = try members.list("modes").map { (entry) throws(Failure) in try ModeReport(entry) }
        policies = try members.list("policies").map { (entry) throws(Failure) in try PolicyReport(entry) }
    }
}

extension ModeReport {
    fileprivate init(_ members: Members) throws(Failure) {
        self.init(mode: try members.text("mode"), policy: try members.text("policy"))
        summary = try members.text("summary")
        skipped = try members.get("skipped").string
        leftOut = try members.list("leftOut").map { (entry) throws(Failure) in
            LeftOut(try entry.text("trial"), because: try entry.text("reason"))
        }
        figures = try members.list("figures").map { (entry) throws(Failure) in try Figure(entry) }
        noticeSeconds = try members.array("noticeSeconds").map(\.double)
        latencies = try members.list("latencies").map { (entry) throws(Failure) in try LatencyCurve(entry) }
        timeline = try Timeline(Members(try members.get("timeline"), "timeline"))
    }
}

extension PolicyReport {
    fileprivate init(_ members: Members) throws(Failure) {
        self.init(policy: try members.text("policy"))
        figures = try members.list("figures").map { (entry) throws(Failure) in try Figure(entry) }
        latencies = try members.list("latencies").map { (entry) throws(Failure) in try LatencyCurve(entry) }
    }
}

extension Figure {
    fileprivate init(_ members: Members) throws(Failure) {
        let unit = try members.text("unit")
        guard let unit = Unit(rawValue: unit) else { throw Failure("report.json: no unit is called '\(unit)'") }
        let atLeast = try members.get("atLeast").double ?? -.infinity
        let atMost = try members.get("atMost").double ?? .infinity
        guard atLeast <= atMost else {
            throw Failure("report.json: atLeast is more than atMost: \(atLeast), \(atMost)")
        }
        self.init(
            trial: try members.text("trial"), name: try members.text("name"), of: try members.text("subject"),
            value: try members.get("value").double, unit,
            Prediction(
                expected: try members.get("expected").double, within: atLeast...atMost,
                because: try members.text("because"), isGated: try members.flag("gated")))
    }
}

extension LatencyCurve {
    fileprivate init(_ members: Members) throws(Failure) {
        self.init(
            name: try members.text("name"), calls: try members.count("calls"),
            points: try members.list("points").map { (entry) throws(Failure) in
                Point(try entry.number("part"), try entry.number("milliseconds"))
            })
    }
}

extension Timeline {
    fileprivate init(_ members: Members) throws(Failure) {
        self.init()
        stepSeconds = try members.number("stepSeconds")
        pods = try members.list("pods").map { (entry) throws(Failure) in
            Series(pod: try entry.text("pod"), counts: try entry.counts("counts"))
        }
        failed = try members.counts("failed")
        marks = try members.list("marks").map { (entry) throws(Failure) in
            Mark(try entry.text("text"), at: try entry.number("second"))
        }
    }
}

/// Of an object that must have them.
private struct Members {
    private let object: JSONValue
    private let path: String

    init(_ object: JSONValue, _ path: String) {
        self.object = object
        self.path = path
    }

    func get(_ key: String) throws(Failure) -> JSONValue {
        guard let value = object[key] else { throw Failure("report.json: \(path) has no \(key)") }
        return value
    }

    func text(_ key: String) throws(Failure) -> String { try expect(get(key).string, "a string", key) }
    func number(_ key: String) throws(Failure) -> Double { try expect(get(key).double, "a number", key) }
    func flag(_ key: String) throws(Failure) -> Bool { try expect(get(key).bool, "true or false", key) }
    func array(_ key: String) throws(Failure) -> [JSONValue] { try expect(get(key).array, "a list", key) }

    /// Not negative, and what an Int holds with room to spare.
    func count(_ key: String) throws(Failure) -> Int { try Members.count(get(key), path, key) }

    func counts(_ key: String) throws(Failure) -> [Int] {
        try array(key).map { (value) throws(Failure) in try Members.count(value, path, key) }
    }

    func list(_ key: String) throws(Failure) -> [Members] {
        try array(key).enumerated().map { index, value in Members(value, "\(key)[\(index)]") }
    }

    private static func count(_ value: JSONValue, _ path: String, _ key: String) throws(Failure) -> Int {
        guard let number = value.integer, (0...Int64(Int32.max)).contains(number) else {
            throw Failure("report.json: \(path).\(key) is not a count")
        }
        return Int(number)
    }

    private func expect<Value>(_ value: Value?, _ kind: String, _ key: String) throws(Failure) -> Value {
        guard let value else { throw Failure("report.json: \(path).\(key) is not \(kind)") }
        return value
    }
}
