package import Events
package import RPCCore
package import Telemetry
import Timing

/// Keeps this pod in one registry while it is wanted there, as `RegistrarMachine` says. Loop thread only.
package final class Registrar {
    private let client: any RegistryClient
    private let loop: EventLoop
    private let log: Log
    private let changed: () -> Void
    private var machine: RegistrarMachine
    private var timer: Timer?
    private var operation: Task<Void, Never>?
    /// The operation's time that is over.
    private var timedOutAfter: Duration?
    /// Of what is waited for by `stop`.
    private var isOut: Notice?
    private var isShutDown = false

    /// Whether it has succeeded at least once.
    package private(set) var hasRegistered = false
    /// The last error, until something succeeds.
    package private(set) var lastError: RPCError?
    package var name: String { client.name }

    /// `changed` is called when `hasRegistered` or `lastError` is another.
    package init(_ client: any RegistryClient, on loop: EventLoop, log: Log, changed: @escaping () -> Void) {
        self.client = client
        self.loop = loop
        self.log = log
        self.changed = changed
        machine = RegistrarMachine(timeToLive: client.timeToLive)
        timer = Timer(on: loop) { [weak self] in
            guard let self else { return }
            perform(machine.timerFired(at: loop.now))
        }
    }

    /// Enters the pod, or takes it out.
    package func want(_ wanted: Bool) {
        if !isShutDown { perform(machine.want(wanted, at: loop.now)) }
    }

    /// Takes the pod out, within `limit`, and ends.
    package func stop(within limit: Duration) async {
        want(false)
        if !machine.isOut {
            let out = Notice()
            isOut = out
            let timeout = Timer(on: loop) { [self] in
                log.warn("\(name) did not take the pod out in time; its entry runs out by itself")
                out.give()
            }
            timeout.schedule(after: limit)
            await out.wait()
            timeout.cancel()
            isOut = nil
        }
        isShutDown = true
        timer?.cancel()
        operation?.cancel()
        client.shutdown()
    }

    private func perform(_ actions: [RegistrarMachine.Action]) {
        for action in actions { perform(action) }
        if machine.isOut { isOut?.give() }
    }

    private func perform(_ action: RegistrarMachine.Action) {
        switch action {
        case .begin(let operation, let timesOutAt):
            timer?.schedule(at: timesOutAt)
            begin(operation)
        case .cancel: operation?.cancel()
        case .timeOut(let time):
            timedOutAfter = time
            operation?.cancel()
        case .wait(let time): timer?.schedule(at: time)
        case .rest: timer?.cancel()
        case .tell(let news): tell(news)
        }
    }

    private func begin(_ operation: RegistrarMachine.Operation) {
        timedOutAfter = nil
        let bound = LoopBound(self, on: loop)
        self.operation = loop.startTask {
            // In a turn of its own: what ends at once would otherwise be told within the call that began it.
            await bound.loop.run {}
            let registrar = bound.value
            do throws(RPCError) {
                try await registrar.carryOut(operation)
                registrar.ended(operation, nil)
            } catch {
                registrar.ended(operation, error)
            }
        }
    }

    private func carryOut(_ operation: RegistrarMachine.Operation) async throws(RPCError) {
        switch operation {
        case .register: try await client.register()
        case .renew: try await client.renew()
        case .deregister: try await client.deregister()
        }
    }

    private func ended(_ operation: RegistrarMachine.Operation, _ error: RPCError?) {
        if isShutDown { return }
        var error = error
        // "Cancelled" is what it is to the client that was told to; people are to read why.
        if error?.code == .cancelled, let timedOutAfter {
            error = RPCError(.unavailable, "no answer within \(DurationText.format(timedOutAfter))")
        }
        if let error { log.debug("\(name): \(operation) failed: \(error)") }
        let hadRegistered = hasRegistered
        let hadError = lastError
        lastError = error
        if error == nil, operation == .register { hasRegistered = true }
        let failure = error.map { $0.code == .notFound ? RegistrarMachine.Failure.notFound : .other }
        perform(machine.ended(failure, at: loop.now, random: .random(in: 0..<1)))
        if hadRegistered != hasRegistered || hadError?.message != lastError?.message { changed() }
    }

    private func tell(_ news: RegistrarMachine.News) {
        let reason = lastError.map { ": \($0.message)" } ?? ""
        switch news {
        case .registered: log.info("Registered with \(name)")
        case .failing(.register): log.warn("Not registered with \(name)\(reason); trying again")
        case .failing(.renew): log.warn("The entry in \(name) is not renewed\(reason); trying again")
        case .failing(.deregister): log.warn("The entry in \(name) is not taken out\(reason); trying again")
        case .renewedAgain: log.info("The entry in \(name) is renewed again")
        case .lost: log.warn("The entry in \(name) is lost\(reason); registering anew")
        case .deregistered: log.info("Not registered with \(name) any more")
        case .ranOut: log.warn("The entry in \(name) could not be taken out, and has run out by itself")
        }
    }
}
