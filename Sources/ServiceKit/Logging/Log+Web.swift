import HTTP
package import Web

extension Log {
    /// For `HTTPServer`'s `finished`.
    package func requestFinished(_ access: HTTPAccess, level: LogLevel = .info, name: String? = nil) {
        guard isEnabled(level) else { return }
        requestFinished(
            RequestRecord(
                method: access.method, target: access.target, status: access.status.code, duration: access.duration,
                peer: access.peer, problem: access.problem),
            level: level, name: name)
    }
}
