import System
import Telemetry
import TestSupport
import Testing

@Suite struct ProcessMetricsTests {
    private func values() -> [String: Double] {
        let metrics = MetricRegistry()
        metrics.addProcessMetrics(service: "gateway", version: "9.9")
        let lines = String(decoding: metrics.text, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Dictionary(
            uniqueKeysWithValues: lines.compactMap { line in
                let parts = line.split(separator: " ")
                return parts.count == 2 ? Double(parts[1]).map { (String(parts[0]), $0) } : nil
            })
    }

    @Test func theFiguresAreThisProcess() throws {
        let values = values()
        #expect(values["service_info{name=\"gateway\",version=\"9.9\"}"] == 1)
        let resident = try #require(values["process_resident_memory_bytes"])
        let virtual = try #require(values["process_virtual_memory_bytes"])
        #expect(resident > 1_048_576)
        #expect(virtual > resident)
        #expect(try #require(values["process_cpu_seconds_total"]) > 0)
        #expect(try #require(values["process_max_fds"]) >= 64)
        let age = Double(WallClock.now.seconds) - (try #require(values["process_start_time_seconds"]))
        #expect(age > -2 && age < 60)
    }

    /// Tests that run beside this one open files too, but not so many.
    @Test func openDescriptorsAreCounted() throws {
        let before = try #require(values()["process_open_fds"])
        let pipes = (0..<100).map { _ in Pipe() }
        let after = try #require(values()["process_open_fds"])
        #expect((100...300).contains(after - before), "\(before) became \(after) with \(pipes.count) pipes")
        for pipe in pipes { pipe.closeBoth() }
    }
}
