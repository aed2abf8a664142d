import Events
package import RPCCore
package import RPCServer
import Synchronization

/// The trouble that a pod makes at present. Every loop's calls look at it; while there is none, that is one load of a word.
package final class TroubleSwitch: Sendable {
    package struct Current: Sendable {
        package let trouble: Trouble
        /// Since it began.
        package var calls = 0
        package var failed = 0
        /// What an answer says of it.
        fileprivate let metadata: Metadata
    }

    private let state = Mutex<Current?>(nil)
    private let isOn = Atomic<Bool>(false)

    package init() {}

    package var current: Current? { state.withLock { $0 } }

    /// nil ends it.
    package func set(_ trouble: Trouble?) {
        let next = trouble.map { trouble in
            var metadata = Metadata()
            metadata.append(key: "x-trouble".utf8.span, value: trouble.description.utf8.span)
            return Current(trouble: trouble, metadata: metadata)
        }
        state.withLock { $0 = next }
        isOn.store(next != nil, ordering: .relaxed)
    }

    /// What a call has to go through before its handler: it waits, or throws, or neither. Loop thread.
    @inline(__always)
    package func meet(_ context: ServerContext) async throws(RPCError) {
        if isOn.load(ordering: .relaxed) { try await meetNow(context) }
    }

    private func meetNow(_ context: ServerContext) async throws(RPCError) {
        let share = Double.random(in: 0..<1)
        let current = state.withLock { state in
            state?.calls += 1
            if let trouble = state?.trouble, share < trouble.fail { state?.failed += 1 }
            return state
        }
        guard let current else { return }
        if current.trouble.delay > .zero { try await TroubleSwitch.wait(current.trouble.delay, on: context.loop) }
        guard share >= current.trouble.fail else {
            // In the trailers, and without headers: what had headers is not tried again (gRFC A6).
            throw RPCError(
                current.trouble.code, "this pod is told to fail: \(current.trouble.description)",
                metadata: current.metadata)
        }
        current.metadata.forEach { context.initialMetadata.append(key: $0, value: $1) }
    }

    private static func wait(_ delay: Duration, on loop: EventLoop) async throws(RPCError) {
        do throws(CancellationError) {
            try await loop.sleep(for: delay)
        } catch {
            throw RPCError(.cancelled, "the call was cancelled while it waited")
        }
    }
}
