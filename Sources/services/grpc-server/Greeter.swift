import Events
import HelloWorldAPI
import ProtobufRPC
import RPCCore
import RPCServer
import Timing

/// Says hello and who it is that says it. With metadata `x-delay` it takes its time first: the notebook's slow handler.
struct Greeter: HelloWorldService {
    private static let maxDelay = Duration.seconds(60)

    let hostname: String
    let version: String

    func sayHello(_ request: HelloRequest, _ context: ServerContext) async throws(RPCError) -> HelloReply {
        if let text = context.metadata["x-delay"] { try await wait(text, on: context.loop) }
        return greeting(request.name)
    }

    /// Sends `count` greetings, `interval_ms` apart; what connection age does to a long stream can be watched on it.
    func streamHello(
        _ request: StreamHelloRequest, _ context: ServerContext, _ replies: MessageWriter<HelloReply>
    ) async throws(RPCError) {
        let interval = Duration.milliseconds(Int64(request.intervalMs))
        guard interval <= Greeter.maxDelay else {
            throw RPCError(.invalidArgument, "interval_ms is \(request.intervalMs), at most 60000")
        }
        for number in 0..<request.count {
            if number > 0, interval > .zero { try await sleep(interval, on: context.loop) }
            try await replies.send(greeting(request.name))
        }
    }

    private func greeting(_ name: String) -> HelloReply {
        HelloReply(message: "Hello \(name.isEmpty ? "World" : name)", hostname: hostname, version: version)
    }

    private func wait(_ text: String, on loop: EventLoop) async throws(RPCError) {
        guard let delay = DurationText.parse(text), delay <= Greeter.maxDelay else {
            throw RPCError(
                .invalidArgument, "x-delay \"\(text)\" is not a duration of at most 60s, such as 250ms or 10s")
        }
        try await sleep(delay, on: loop)
    }

    private func sleep(_ duration: Duration, on loop: EventLoop) async throws(RPCError) {
        do throws(CancellationError) {
            try await loop.sleep(for: duration)
        } catch {
            throw RPCError(.cancelled, "the call was cancelled while it waited")
        }
    }
}
