import Addresses
import Events
import RPCCore
import RPCServer
import RPCTestSupport
import Testing

/// Notes what a server tells its observer. Loop thread only.
final class ObserverRecord: ServerTracer, ServerCallTracer {
    struct Call: Hashable {
        var path: String
        var isKnown: Bool
        var status: StatusCode
    }

    private(set) var received: [String] = []
    private(set) var finished: [Call] = []
    private(set) var summaries: [CallSummary] = []
    /// How many messages have come, and have left.
    private(set) var messages = [0, 0]
    private let watch: Watch
    let hearsMessages = true

    init(on loop: EventLoop) {
        watch = Watch(on: loop)
    }

    func callBegan(_ call: ServerContext) -> (any ServerCallTracer)? {
        received.append(String(decoding: call.path, as: UTF8.self))
        watch.changed()
        return self
    }

    func messageReceived(_ call: ServerContext, bytes: Int) { messages[0] += 1 }
    func messageSent(_ call: ServerContext, bytes: Int) { messages[1] += 1 }

    func callEnded(_ call: ServerContext, _ summary: CallSummary) {
        finished.append(
            Call(
                path: String(decoding: call.path, as: UTF8.self),
                isKnown: call.route?.method.path.utf8.elementsEqual(call.path) == true, status: summary.status))
        summaries.append(summary)
        watch.changed()
    }

    func finish(_ count: Int) async {
        await watch.until("\(count) calls finished") { self.finished.count >= count }
    }
}

/// Notes how a handler's task went. Loop thread only.
final class HandlerRecord {
    private(set) var began = 0
    private(set) var cancelled = 0
    private(set) var ended = 0
    private let watch: Watch
    private let loop: EventLoop

    init(on loop: EventLoop) {
        self.loop = loop
        watch = Watch(on: loop)
    }

    /// A handler that never ends but by cancellation.
    func untilCancelled() async throws(RPCError) {
        began += 1
        watch.changed()
        defer {
            ended += 1
            watch.changed()
        }
        do throws(CancellationError) {
            try await loop.sleep(for: .seconds(3600))
        } catch {
            cancelled += 1
            throw RPCError(.cancelled, "cancelled")
        }
    }

    func beginning(_ count: Int = 1) async { await watch.until("\(count) handlers begun") { self.began >= count } }
    func end(_ count: Int = 1) async { await watch.until("\(count) handlers ended") { self.ended >= count } }
}

extension RPCRouter {
    /// With `wait` as a handler that only cancellation ends.
    init(_ handler: HandlerRecord) {
        self.init(echoing: nil)
        unary(TestMethods.wait) { (_: [UInt8], _, _: inout [UInt8]) async throws(RPCError) in
            try await handler.untilCancelled()
        }
    }
}
