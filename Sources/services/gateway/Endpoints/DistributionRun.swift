import Events
import HelloWorldAPI
import RPCClient
import RPCCore
import System
import Timing

/// Sends a number of SayHello calls, some of them at the same time. Loop thread only.
final class DistributionRun {
    private let client: HelloWorldClient
    private let options: CallOptions
    private var left: Int
    private(set) var outcome = Distribution()

    init(client: HelloWorldClient, options: CallOptions, requests: Int) {
        self.client = client
        self.options = options
        left = requests
    }

    /// Returns when all are answered, or soon after its task is cancelled: the calls under way are cancelled with it.
    func perform(concurrency: Int, on loop: EventLoop) async {
        let bound = LoopBound(self, on: loop)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<min(concurrency, left) {
                group.addTask { await bound.value.work() }
            }
        }
    }

    private func work() async {
        while left > 0, !Task.isCancelled {
            left -= 1
            let start = MonotonicClock.now
            do throws(RPCError) {
                let reply = try await client.sayHello(HelloRequest(), options: options)
                outcome.addReply(from: reply.hostname, after: MonotonicClock.now - start)
            } catch {
                outcome.addFailure(error)
            }
        }
    }
}
