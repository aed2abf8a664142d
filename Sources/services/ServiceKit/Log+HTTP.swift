import HTTP
package import HTTPTransport
package import Telemetry

extension Log {
    /// For `HTTPServer`'s `finished`. A request that failed is a warning, whatever `level` says.
    package func requestFinished(_ access: HTTPAccess, level: LogLevel = .info, name: String? = nil) {
        let level = access.failure == nil ? level : max(level, .warn)
        guard isEnabled(level) else { return }
        requestFinished(
            RequestRecord(
                method: access.method, target: access.target, status: access.status.code, duration: access.duration,
                peer: access.peer, trace: access.trace?.context, requestID: access.trace?.requestID,
                problem: access.problem, failure: access.failure),
            level: level, name: name)
    }
}
