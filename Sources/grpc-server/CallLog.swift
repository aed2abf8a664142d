import Addresses
import Bytes
import RPCCore
import RPCServer
import ServiceKit

/// Writes a log line for each call. Health and reflection are called all the time by probes, so they are debug.
final class CallLog: ServerObserver {
    private let log: Log

    init(_ log: Log) {
        self.log = log
    }

    func callReceived(path: [UInt8], route: Route?, peer: SocketAddress?) {
        let level = level(route)
        guard log.isEnabled(level) else { return }
        log.callReceived(text(path, route), level: level)
    }

    func callFinished(path: [UInt8], route: Route?, peer: SocketAddress?, _ summary: CallSummary) {
        let level = level(route)
        log.callFinished(
            CallRecord(
                method: text(path, route), peer: peer, status: summary.status.name, duration: summary.duration),
            level: level)
    }

    private func level(_ route: Route?) -> LogLevel {
        route?.isApplication == false ? .debug : .info
    }

    private func text(_ path: [UInt8], _ route: Route?) -> String {
        route?.method.path ?? String(validating: path.span) ?? "?"
    }
}
