/// Carries a value that belongs to one loop into a task or closure that runs on the same loop.
//
// Sendable: the value can be reached only through `value`, which traps on any thread but the loop's.
package struct LoopBound<Value>: @unchecked Sendable {
    package let loop: EventLoop
    private let bound: Value

    package init(_ value: Value, on loop: EventLoop) {
        loop.preconditionCurrent()
        self.loop = loop
        bound = value
    }

    package var value: Value {
        loop.preconditionCurrent()
        return bound
    }
}
