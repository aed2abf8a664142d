package import RPCCore

/// Hears of the calls of one loop of a server, for logs, metrics (gRFC A66) and spans. Called on that loop.
package protocol ServerTracer: AnyObject {
    /// Whether what `callBegan` returns is told of headers and messages, and not only of the end: telling costs about
    /// 160 instructions each time. Asked once, at the start.
    var hearsMessages: Bool { get }
    /// The head has arrived. What is returned hears the rest of this call; nil if there is nothing to hear.
    func callBegan(_ call: ServerContext) -> (any ServerCallTracer)?
}

/// Hears how one call goes. One object may serve many calls, if it keeps nothing of them.
package protocol ServerCallTracer: AnyObject {
    /// The answer's headers leave.
    func headersSent(_ call: ServerContext)
    /// A whole message has arrived, of so many bytes.
    func messageReceived(_ call: ServerContext, bytes: Int)
    /// A message is about to leave.
    func messageSent(_ call: ServerContext, bytes: Int)
    /// The last call, exactly once: the answer is on its way, or the call was cut off. The duration counts from the head.
    func callEnded(_ call: ServerContext, _ summary: CallSummary)
}

extension ServerTracer {
    package var hearsMessages: Bool { false }
}

extension ServerCallTracer {
    package func headersSent(_ call: ServerContext) {}
    package func messageReceived(_ call: ServerContext, bytes: Int) {}
    package func messageSent(_ call: ServerContext, bytes: Int) {}
}

/// The tracers of one call: two without an allocation, which is as many as there are without spans.
struct CallTracers {
    private var first: (any ServerCallTracer)?
    private var second: (any ServerCallTracer)?
    private var others: [any ServerCallTracer] = []

    mutating func add(_ tracer: any ServerCallTracer) {
        if first == nil {
            first = tracer
        } else if second == nil {
            second = tracer
        } else {
            others.append(tracer)
        }
    }

    @inline(__always)
    func forEach(_ body: (any ServerCallTracer) -> Void) {
        guard let first else { return }
        body(first)
        guard let second else { return }
        body(second)
        for other in others { body(other) }
    }
}
