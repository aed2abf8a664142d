package import Events
package import Testing

/// Runs a test on an event loop of its own; afterwards nothing may be left on the loop: no descriptor watched, no timer
/// running.
package func withLoop<Value: Sendable>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: @escaping @Sendable (EventLoop) async throws -> Value
) async throws -> Value {
    let loop = try EventLoop.startThread(named: "test")
    defer { loop.stop() }
    let value = try await Task(executorPreference: loop) { try await body(loop) }.value
    // A round through the mailbox: what the body's last turn let go of is gone by then.
    await loop.run {}
    let left = await loop.run { (registrations: loop.registrationCount, timers: loop.timerCount) }
    #expect(left.registrations == 0, "descriptors still watched", sourceLocation: sourceLocation)
    #expect(left.timers == 0, "timers still running", sourceLocation: sourceLocation)
    return value
}
