import HTTP
package import HTTPTransport
package import Telemetry

extension Log {
    /// For `HTTPServer`'s `finished`.
    package func requestFinished(_ access: HTTPAccess, level: LogLevel = .info, name: String? = nil) {
        guard isEnabled(level) else { return }
        // Only the JSON form has room for the ids.
        let trace = format == .json ? access.trace : nil
        requestFinished(
            RequestRecord(
                method: access.method, target: access.target, status: access.status.code, duration: access.duration,
                peer: access.peer, traceID: trace?.context.traceIDText, requestID: trace?.requestID,
                problem: access.problem),
            level: level, name: name)
    }
}
