import Events
import RPCCore
import Registration
import Telemetry
import TestSupport
import Testing

@Suite struct RegistrarTests {
    @Test func itRegistersAndTakesThePodOutBeforeItEnds() async throws {
        try await withLoop { loop in
            let registry = FakeRegistry(on: loop)
            let registrar = registry.makeRegistrar()
            registrar.want(true)
            await registry.next("register").succeed()
            await registry.quiet()
            #expect(registrar.hasRegistered && registrar.lastError == nil)
            let stopped = Notice()
            loop.startTask { [bound = LoopBound((registrar, stopped), on: loop)] in
                await bound.value.0.stop(within: .seconds(20))
                bound.value.1.give()
            }
            await registry.next("deregister").succeed()
            await stopped.wait()
            #expect(registry.isShutDown)
        }
    }

    @Test func anErrorIsThereToBeRead() async throws {
        try await withLoop { loop in
            let registry = FakeRegistry(on: loop)
            let registrar = registry.makeRegistrar()
            registrar.want(true)
            await registry.next("register").fail(RPCError(.unavailable, "nobody there"))
            await registry.quiet()
            #expect(!registrar.hasRegistered && registrar.lastError?.message == "nobody there")
            #expect(registry.changes == 1)
            await registry.next("register").succeed()
            await registry.quiet()
            #expect(registrar.hasRegistered && registrar.lastError == nil && registry.changes == 2)
            registrar.want(false)
            await registry.next("deregister").succeed()
            await registrar.stop(within: .seconds(20))
        }
    }

    @Test func aRegistryThatDoesNotAnswerIsNamedAsSuch() async throws {
        try await withLoop { loop in
            let registry = FakeRegistry(on: loop, timeToLive: .milliseconds(300))
            let registrar = registry.makeRegistrar()
            registrar.want(true)
            _ = await registry.next("register")
            _ = await registry.next("register")
            #expect(registrar.lastError?.message == "no answer within 100ms")
            #expect(registrar.lastError?.code == .unavailable)
            await registrar.stop(within: .zero)
        }
    }

    @Test func aRegistrationUnderWayIsCancelledWhenItIsNotWantedAnyMore() async throws {
        try await withLoop { loop in
            let registry = FakeRegistry(on: loop)
            let registrar = registry.makeRegistrar()
            registrar.want(true)
            _ = await registry.next("register")
            registrar.want(false)
            await registry.next("deregister").succeed()
            await registrar.stop(within: .seconds(20))
            #expect(registry.calls == ["register", "deregister"])
        }
    }

    @Test func aRegistryThatDoesNotAnswerHoldsUpTheEndForItsLimitOnly() async throws {
        try await withLoop { loop in
            let registry = FakeRegistry(on: loop)
            let registrar = registry.makeRegistrar()
            registrar.want(true)
            await registry.next("register").succeed()
            await registry.quiet()
            await registrar.stop(within: .milliseconds(50))
            #expect(registry.isShutDown && registry.calls == ["register", "deregister"])
            registrar.want(true)
            await registry.quiet()
            #expect(registry.calls == ["register", "deregister"])
        }
    }
}

/// A registry whose answers a test gives.
private final class FakeRegistry: RegistryClient {
    final class Call {
        let name: String
        let outcome = Completion<RPCError?>()

        init(_ name: String) { self.name = name }

        func succeed() { outcome.complete(nil) }
        func fail(_ error: RPCError) { outcome.complete(error) }
    }

    private let loop: EventLoop
    private var waiting: [Call] = []
    private var listener: Notice?
    private(set) var calls: [String] = []
    private(set) var isShutDown = false
    private(set) var changes = 0

    let name = "fake at 127.0.0.1:1"
    let timeToLive: Duration

    init(on loop: EventLoop, timeToLive: Duration = .seconds(60)) {
        self.loop = loop
        self.timeToLive = timeToLive
    }

    func makeRegistrar() -> Registrar {
        let log = Log(name: "test", format: .text, level: .error, loops: [])
        return Registrar(self, on: loop, log: log) { [self] in changes += 1 }
    }

    /// Waits for the next call, which must be of this name.
    func next(_ name: String) async -> Call {
        if waiting.isEmpty {
            let notice = Notice()
            listener = notice
            await notice.wait()
        }
        let call = waiting.removeFirst()
        #expect(call.name == name)
        return call
    }

    /// Lets what was told reach everybody.
    func quiet() async { for _ in 0..<4 { await loop.run {} } }

    func register() async throws(RPCError) { try await call("register") }
    func renew() async throws(RPCError) { try await call("renew") }
    func deregister() async throws(RPCError) { try await call("deregister") }
    func shutdown() { isShutDown = true }

    private func call(_ name: String) async throws(RPCError) {
        let call = Call(name)
        calls.append(name)
        waiting.append(call)
        listener?.give()
        listener = nil
        let bound = LoopBound(call, on: loop)
        let error = await withTaskCancellationHandler {
            await call.outcome.wait()
        } onCancel: {
            bound.loop.executeHereOrLater { bound.value.fail(RPCError(.cancelled, "given up")) }
        }
        if let error { throw error }
    }
}
