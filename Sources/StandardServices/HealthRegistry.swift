import Synchronization

/// The health of each service of a server, shared by its loops.
package final class HealthRegistry: Sendable {
    private struct State {
        var overall: ServingStatus
        var services: [String: ServingStatus] = [:]
    }

    private let state: Mutex<State>

    package init(initial: ServingStatus = .serving) {
        state = Mutex(State(overall: initial))
    }

    /// Makes a service known; it begins with the status of the server as a whole.
    func add(_ service: String) {
        state.withLock { if $0.services[service] == nil { $0.services[service] = $0.overall } }
    }

    /// Changes the server as a whole and every service.
    package func setAll(_ status: ServingStatus) {
        state.withLock {
            $0.overall = status
            for service in $0.services.keys { $0.services[service] = status }
        }
    }

    /// "" is the server as a whole; nil for a service that is not known.
    package func status(of service: String) -> ServingStatus? {
        state.withLock { service.isEmpty ? $0.overall : $0.services[service] }
    }
}
