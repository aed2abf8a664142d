/// Carries a value that belongs to one loop into a task or closure that runs on the same loop.
//
// Sendable: the value can be reached only through `value`, which traps on any thread but the loop's.
package struct LoopBound<Value>: @unchecked Sendable {
    package let loop: EventLoop
    @usableFromInline let bound: Value

    // Inlined, as `value` is: a call that looks the type's metadata up costs more than all that is done here.
    @inlinable
    package init(_ value: Value, on loop: EventLoop) {
        loop.preconditionCurrent()
        self.loop = loop
        bound = value
    }

    @inlinable
    package var value: Value {
        loop.preconditionCurrent()
        return bound
    }
}
