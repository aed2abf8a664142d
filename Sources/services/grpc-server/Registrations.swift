import Events
import RPCCore
import RPCServer
import Registration
import ServiceKit
import System
import Telemetry
import Timing

/// This pod's entries in registries: there exactly while it serves. Belongs to the service's first loop.
///
/// It is ready only when each registry has it for the first time: a rollout must not go on with pods that nobody finds.
/// What a registry does later is no reason against it: callers keep the pods that they have.
final class Registrations {
    private static let obstacle = "registration"
    /// What taking the pod out may hold up its end: two attempts, and an answer that is slow.
    private static let longestStop = Duration.seconds(2)

    private let loop: EventLoop
    private let readiness: ServiceReadiness
    private var registrars: [Registrar] = []

    init(_ clients: [any RegistryClient], readiness: ServiceReadiness, log: Log, on loop: EventLoop) {
        self.loop = loop
        self.readiness = readiness
        registrars = clients.map { client in
            Registrar(client, on: loop, log: log) { [unowned self] in changed() }
        }
        changed()
    }

    /// Enters the pod when nothing else stands against it, and takes it out when something does.
    func begin() {
        readiness.observe(besides: Registrations.obstacle) { [self] isReady in
            for registrar in registrars { registrar.want(isReady) }
        }
    }

    func stop(grace: Duration) async {
        let end = loop.now + min(grace, Registrations.longestStop)
        // Side by side: the end of readiness has already asked each.
        for registrar in registrars { await registrar.stop(within: max(end - loop.now, .zero)) }
    }

    private func changed() {
        let missing = registrars.filter { !$0.hasRegistered }
        guard !missing.isEmpty else { return readiness.unblock(Registrations.obstacle) }
        let reasons = missing.map { registrar in
            "not yet registered with \(registrar.name)" + (registrar.lastError.map { ": \($0.message)" } ?? "")
        }
        readiness.block(Registrations.obstacle, because: reasons.joined(separator: "; "))
    }
}
