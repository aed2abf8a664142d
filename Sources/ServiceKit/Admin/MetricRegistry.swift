import Synchronization

/// Counts events. Any thread.
package final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)
    package init() {}
    package func increment(by amount: UInt64 = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
    package var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that goes up and down. Any thread.
package final class Gauge: Sendable {
    private let level = Atomic<Int64>(0)
    package init() {}
    package func set(_ value: Int64) { level.store(value, ordering: .relaxed) }
    package func add(_ amount: Int64) { level.wrappingAdd(amount, ordering: .relaxed) }
    package var value: Int64 { level.load(ordering: .relaxed) }
}

/// The service's metrics, and their text for Prometheus (exposition format 0.0.4). Any thread.
///
/// Names and labels are the program's own; nothing that a client sends may become one, or the number of series would be
/// the client's to choose.
package final class MetricRegistry: Sendable {
    package enum Kind: String, Sendable {
        case counter, gauge
    }

    private struct Series: Sendable {
        let labels: [(name: String, value: String)]
        let read: @Sendable () -> Double?
    }

    private struct Family: Sendable {
        let name: String
        let help: String
        let kind: Kind
        var series: [Series]
    }

    private let families = Mutex<[Family]>([])

    package init() {}

    package func counter(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Counter {
        let counter = Counter()
        observe(name, .counter, help: help, labels: labels) { Double(counter.value) }
        return counter
    }

    package func gauge(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Gauge {
        let gauge = Gauge()
        observe(name, .gauge, help: help, labels: labels) { Double(gauge.value) }
        return gauge
    }

    /// A metric that is read when somebody asks, on the admin server's loop; nil leaves it out.
    package func observe(
        _ name: String, _ kind: Kind, help: String, labels: KeyValuePairs<String, String> = [:],
        read: @escaping @Sendable () -> Double?
    ) {
        let series = Series(labels: labels.map { ($0.key, $0.value) }, read: read)
        families.withLock { families in
            if let index = families.firstIndex(where: { $0.name == name }) {
                families[index].series.append(series)
            } else {
                families.append(Family(name: name, help: help, kind: kind, series: [series]))
            }
        }
    }

    package var text: String {
        families.withLock { $0 }.map(MetricRegistry.text).joined()
    }

    private static func text(_ family: Family) -> String {
        var text = "# HELP \(family.name) \(family.help.replacing("\n", with: " "))\n"
        text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
        for series in family.series {
            guard let value = series.read() else { continue }
            let labels = series.labels.map { "\($0.name)=\"\(escape($0.value))\"" }.joined(separator: ",")
            text += family.name + (labels.isEmpty ? "" : "{\(labels)}") + " \(number(value))\n"
        }
        return text
    }

    private static func escape(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// Whole numbers without a fraction.
    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map(\.description) ?? value.description
    }
}
