/// What a probe found, with the exit statuses of grpc_health_probe.
package enum ProbeOutcome: Hashable, Sendable {
    case serving
    case badArguments(String)
    case noConnection(String)
    case callFailed(String)
    case notServing(String)

    package var exitStatus: Int32 {
        switch self {
        case .serving: 0
        case .badArguments: 1
        case .noConnection: 2
        case .callFailed: 3
        case .notServing: 4
        }
    }

    package var message: String {
        switch self {
        case .serving: "serving"
        case .badArguments(let reason): "bad arguments: \(reason)"
        case .noConnection(let reason): "no connection: \(reason)"
        case .callFailed(let reason): "the call failed: \(reason)"
        case .notServing(let reason): reason.isEmpty ? "not serving" : "not serving: \(reason)"
        }
    }
}
