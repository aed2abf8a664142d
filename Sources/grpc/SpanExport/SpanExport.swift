package import Events
package import System
package import Telemetry

/// A service's spans, from the loops where its operations end to a collector. Any thread.
package final class SpanExport: Sendable {
    /// What a collector that is slow or gone may hold up a service's end.
    package static let flushTime = Duration.seconds(2)

    package let collector: SpanCollector
    private let exporter: LoopSlot<SpanExporter>

    /// Starts a thread. `loops` are the service's; they must run.
    package init(
        _ options: TracingOptions, version: String, loops: [EventLoop], metrics: MetricRegistry, log: Log
    ) throws(SystemError) {
        let loop = try EventLoop.startThread(named: "spans")
        let figures = ExportFigures(metrics)
        let exporter = LoopSlot<SpanExporter>(on: loop)
        exporter.fill { SpanExporter(options, version: version, figures: figures, log: log, on: loop) }
        self.exporter = exporter
        collector = SpanCollector(
            on: loops, sampler: options.sampler,
            limits: SpanCollector.Limits(spans: options.limits.items, bytes: options.limits.bytes),
            dropped: figures.queueFull
        ) { spans, done in
            exporter.perform { exporter in
                exporter.take(spans)
                done()
            }
        }
    }

    /// Exports what there is, and ends.
    package func stop(grace: Duration) async {
        let limit = min(grace, SpanExport.flushTime)
        await collector.handOver()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            exporter.perform { exporter in
                let bound = LoopBound(exporter, on: self.exporter.loop)
                self.exporter.loop.startTask {
                    await bound.value.end(within: limit)
                    continuation.resume()
                }
            }
        }
    }
}
