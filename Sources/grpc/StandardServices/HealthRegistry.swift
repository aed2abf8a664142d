import Events
import Synchronization

package typealias ServingStatus = HealthCheckResponse.ServingStatus

/// The health of each service of a server, shared by its loops.
package final class HealthRegistry: Sendable {
    private struct State {
        var overall: ServingStatus
        var services: [String: ServingStatus] = [:]
        var watchers: [Int: LoopBound<HealthWatcher>] = [:]
        var nextWatcher = 0
        var isClosed = false
    }

    private let state: Mutex<State>

    package init(initial: ServingStatus = .serving) {
        state = Mutex(State(overall: initial))
    }

    /// Makes a service known; it begins with the status of the server as a whole.
    func add(_ service: String) {
        state.withLock { if $0.services[service] == nil { $0.services[service] = $0.overall } }
    }

    /// Changes the server as a whole and every service, and tells those who watch.
    package func setAll(_ status: ServingStatus) {
        change {
            $0.overall = status
            for service in $0.services.keys { $0.services[service] = status }
        }
    }

    /// Ends every Watch: a server that waits for its calls to end must not wait for these.
    package func close() {
        change { $0.isClosed = true }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    private func change(_ body: (inout sending State) -> Void) {
        let watchers = state.withLock { state in
            body(&state)
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.notify() }
    }

    /// "" is the server as a whole; nil for a service that is not known.
    package func status(of service: String) -> ServingStatus? {
        state.withLock { service.isEmpty ? $0.overall : $0.services[service] }
    }

    /// Every service with its status, "" included.
    var all: [String: ServingStatus] {
        state.withLock { $0.services.merging(["": $0.overall]) { known, _ in known } }
    }

    func add(_ watcher: LoopBound<HealthWatcher>) -> Int {
        state.withLock { state in
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = watcher
            return state.nextWatcher
        }
    }

    func removeWatcher(_ number: Int) {
        state.withLock { _ = $0.watchers.removeValue(forKey: number) }
    }
}
