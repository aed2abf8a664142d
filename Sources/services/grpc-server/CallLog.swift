import Bytes
import RPCCore
import RPCServer
import Telemetry

/// Writes a log line for each call. Health is asked all the time by probes, so its calls are debug.
final class CallLog: ServerTracer, ServerCallTracer {
    private let lines: LoopLog
    private let log: Log

    init(_ lines: LoopLog) {
        self.lines = lines
        log = lines.log
    }

    func callBegan(_ call: ServerContext) -> (any ServerCallTracer)? {
        let route = call.route
        let level = level(route)
        guard log.isEnabled(level) else { return nil }
        lines.callReceived(text(call, route), level: level)
        return self
    }

    func callEnded(_ call: ServerContext, _ summary: CallSummary) {
        log.callFinished(record(call, summary), level: level(call.route))
    }

    private func record(_ call: ServerContext, _ summary: CallSummary) -> CallRecord {
        let metadata = call.metadata
        return CallRecord(
            method: text(call, call.route), peer: call.peer, status: summary.status.name, duration: summary.duration,
            traceID: metadata.single("traceparent").flatMap(TraceContext.init)?.traceIDText,
            requestID: metadata["x-request-id"])
    }

    private func level(_ route: Route?) -> LogLevel {
        route?.isApplication == false ? .debug : .info
    }

    private func text(_ call: ServerContext, _ route: Route?) -> String {
        route?.method.path ?? String(validating: call.path.span) ?? "?"
    }
}
