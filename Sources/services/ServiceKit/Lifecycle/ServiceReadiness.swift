/// Whether the service wants traffic, and if not, why. Belongs to the service's first loop.
///
/// Each reason against it has a name; the service is ready while there is none.
package final class ServiceReadiness {
    package struct Obstacle: Hashable, Sendable {
        package let name: String
        package let reason: String
    }

    private var observers: [(Bool) -> Void] = []
    private var obstacleObservers: [() -> Void] = []
    package private(set) var obstacles: [Obstacle] = []

    package init() {}

    package var isReady: Bool { obstacles.isEmpty }

    /// For people; nil if ready.
    package var reason: String? {
        isReady ? nil : obstacles.map(\.reason).joined(separator: "; ")
    }

    /// Calls `observer` now and whenever readiness changes.
    package func observe(_ observer: @escaping (_ isReady: Bool) -> Void) {
        observers.append(observer)
        observer(isReady)
    }

    /// The same for whether there is no obstacle but, perhaps, the one of this name: what removes that one must not wait
    /// for itself.
    package func observe(besides name: String, _ observer: @escaping (_ isReady: Bool) -> Void) {
        var last = isReady(besides: name)
        obstacleObservers.append { [unowned self] in
            let isReady = isReady(besides: name)
            guard isReady != last else { return }
            last = isReady
            observer(isReady)
        }
        observer(last)
    }

    private func isReady(besides name: String) -> Bool { obstacles.allSatisfy { $0.name == name } }

    /// Adds an obstacle, or changes the reason of the one with this name.
    package func block(_ name: String, because reason: String) {
        change {
            let obstacle = Obstacle(name: name, reason: reason)
            if let index = obstacles.firstIndex(where: { $0.name == name }) {
                obstacles[index] = obstacle
            } else {
                obstacles.append(obstacle)
            }
        }
    }

    package func unblock(_ name: String) {
        change { obstacles.removeAll { $0.name == name } }
    }

    private func change(_ body: () -> Void) {
        let before = isReady
        body()
        if isReady != before { for observer in observers { observer(isReady) } }
        for observer in obstacleObservers { observer() }
    }
}
