import Events
import HelloWorldAPI
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
        let name = request.name.isEmpty ? "World" : request.name
        return HelloReply(message: "Hello \(name)", hostname: hostname, version: version)
    }

    private func wait(_ text: String, on loop: EventLoop) async throws(RPCError) {
        guard let delay = DurationText.parse(text), delay <= Greeter.maxDelay else {
            throw RPCError(
                .invalidArgument, "x-delay \"\(text)\" is not \(DurationText.expectation), at most 60s")
        }
        do throws(CancellationError) {
            try await loop.sleep(for: delay)
        } catch {
            throw RPCError(.cancelled, "the call was cancelled while it waited")
        }
    }
}
