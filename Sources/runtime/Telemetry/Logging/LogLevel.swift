package enum LogFormat: String, CaseIterable, Sendable {
    case text, json
}

/// How much a line matters.
package enum LogLevel: String, CaseIterable, Sendable, Comparable {
    case debug, info, warn, error

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warn: 2
        case .error: 3
        }
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}
