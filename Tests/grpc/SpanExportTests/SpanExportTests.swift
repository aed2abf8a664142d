import Events
import RPCCore
import RPCServer
import RPCTestSupport
import Settings
import SpanExport
import Telemetry
import TestSupport
import Testing
import TraceAPI

/// The whole way: from a service's loop to a collector, over threads.
@Suite(.timeLimit(.minutes(5))) struct SpanExportTests {
    /// Loop thread only.
    private final class Collector: TraceService {
        private(set) var names: [String] = []
        private(set) var exports = 0
        /// For the next exports.
        var failures: [StatusCode] = []

        func export(
            _ request: ExportTraceServiceRequest, _ context: ServerContext
        ) async throws(RPCError) -> ExportTraceServiceResponse {
            exports += 1
            if !failures.isEmpty { throw RPCError(failures.removeFirst(), "as the test says") }
            names += request.resourceSpans.flatMap(\.scopeSpans).flatMap(\.spans).map(\.name)
            return ExportTraceServiceResponse()
        }
    }

    private static func span(_ name: String) -> SpanRecord {
        SpanRecord(
            name, .server, TraceContext(traceID: (1, 2), parentID: 3, flags: 1), parentID: nil, end: 2, duration: .zero,
            attributes: [], outcome: .unset)
    }

    /// An exporter to a collector on the same loop, and what the registry says of it in the end.
    private func export(
        failing: [StatusCode] = [], _ body: @escaping @Sendable (SpanCollector) async -> Void
    ) async throws -> (names: [String], exports: Int, figures: Set<String>) {
        let registry = MetricRegistry()
        let (names, exports) = try await withLoop { loop -> ([String], Int) in
            let collector = Collector()
            collector.failures = failing
            var router = RPCRouter()
            router.add(collector)
            let server = try RPCServer.onLoop(loop, router)
            let environment = [
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://\(server.address)", "OTEL_BSP_SCHEDULE_DELAY": "0",
            ]
            let parsed = try CommandLineParser(TracingSettings.all).parse([], environment: { environment[$0] })
            guard case .values(let values) = parsed else { return ([String](), 0) }
            let subject = TracingOptions.Subject(name: "test", version: "1", instance: "here")
            let options = try #require(try TracingOptions.read(values, of: subject, on: loop))
            let export = try SpanExport(
                options, version: "1", loops: [loop], metrics: registry,
                log: Log(name: "test", format: .text, level: .error, loops: [loop]))
            await body(export.collector)
            await export.stop(grace: .seconds(10))
            await server.stop(grace: .zero)
            return (collector.names, collector.exports)
        }
        let lines = String(decoding: registry.text, as: UTF8.self).split(separator: "\n").map(String.init)
        return (names, exports, Set(lines.filter { !$0.hasPrefix("#") && !$0.hasSuffix(" 0") }))
    }

    @Test func spansArrive() async throws {
        let seen = try await export { collector in
            for number in 0..<300 { collector.ofThisLoop?.add(Self.span("\(number)")) }
        }
        #expect(seen.names == (0..<300).map(String.init))
        #expect(seen.figures == ["sample_spans_exported_total 300"])
    }

    /// At the end nothing is tried twice: the collector has had its time.
    @Test func aFailureAtTheEndIsTheLast() async throws {
        let seen = try await export(failing: [.unavailable, .unavailable]) { collector in
            collector.ofThisLoop?.add(Self.span("a"))
        }
        #expect(seen.names.isEmpty && seen.exports == 1)
        #expect(
            seen.figures == [
                "sample_spans_dropped_total{reason=\"export_failed\"} 1",
                "sample_span_exports_failed_total{grpc_status=\"UNAVAILABLE\"} 1",
            ])
    }
}
