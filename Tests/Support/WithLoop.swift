package import Events
import Synchronization
package import Testing

/// Runs a test on an event loop of its own; afterwards nothing may be left on the loop: no descriptor watched, no timer
/// running. A test that waits for something that never comes fails after two minutes, and others go on: all run side by side,
/// so that beside other work each takes as long as many.
package func withLoop<Value: Sendable>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: @escaping @Sendable (EventLoop) async throws -> Value
) async throws -> Value {
    // As every program does first: else a write to a connection that the peer has closed would end the run.
    SignalSource.block([])
    let loop = try EventLoop.startThread(named: "test")
    defer { loop.stop() }
    let value = try await withLimit { outcome in
        Task(executorPreference: loop) {
            do {
                outcome.set(.success(try await body(loop)))
            } catch {
                outcome.set(.failure(error))
            }
        }
    }
    // A round through the mailbox: what the body's last turn let go of is gone by then.
    await loop.run {}
    let left = await loop.run { (registrations: loop.registrationCount, timers: loop.timerCount) }
    #expect(left.registrations == 0, "descriptors still watched", sourceLocation: sourceLocation)
    #expect(left.timers == 0, "timers still running", sourceLocation: sourceLocation)
    return value
}

package struct TestTookTooLong: Error, CustomStringConvertible {
    package let description = "still waiting for something after 120 s"
}

/// Lets go of a task that does not come to an end: waiting for it, or for its cancellation, would stop the whole run.
private func withLimit<Value: Sendable>(_ start: (Outcome<Value>) -> Void) async throws -> Value {
    let outcome = Outcome<Value>()
    start(outcome)
    let limit = Task {
        // Rule waived: this is a limit and stands for no event.
        try await Task.sleep(for: .seconds(120))
        outcome.set(.failure(TestTookTooLong()))
    }
    defer { limit.cancel() }
    return try await outcome.value()
}

/// The first of several results, from whatever thread.
private final class Outcome<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func set(_ result: Result<Value, any Error>) {
        let waiter = state.withLock { state in
            if state.result == nil { state.result = result }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    func value() async throws -> Value {
        await withCheckedContinuation { continuation in
            let isSet = state.withLock { state in
                if state.result == nil { state.waiter = continuation }
                return state.result != nil
            }
            if isSet { continuation.resume() }
        }
        guard let result = state.withLock({ $0.result }) else { throw TestTookTooLong() }
        return try result.get()
    }
}
