import Events
import ServiceKit
import System
import Telemetry
import TestSupport
import Testing
import Timing

@Suite(.timeLimit(.minutes(5))) struct LifecycleTests {
    private static func log(on loop: EventLoop, _ pipe: Pipe) -> Log {
        Log(name: "x", format: .text, level: .info, output: LineOutput(descriptor: pipe.writer), loops: [loop])
    }

    @Test func theStepsComeInOrder() async throws {
        try await withLoop { loop in
            let pipe = Pipe()
            let journal = Journal<String>()
            let readiness = ServiceReadiness()
            readiness.observe { journal.note($0 ? "ready" : "not ready") }
            let lifecycle = try Lifecycle(
                on: loop, delay: .milliseconds(20), grace: .seconds(60), readiness: readiness,
                log: LifecycleTests.log(on: loop, pipe)
            ) { journal.note("finish") }
            lifecycle.onAnnounce { journal.note("announce") }
            lifecycle.onStop { grace in
                #expect(grace > .seconds(30) && grace <= .seconds(60))
                try? await loop.sleep(for: .milliseconds(30))
                journal.note("first hook")
            }
            lifecycle.onStop { grace in
                #expect(grace <= .milliseconds(59_970), "it gets what the first one left")
                journal.note("second hook")
            }
            let began = loop.now
            lifecycle.shutDown()
            for expected in ["ready", "not ready", "announce", "first hook"] {
                #expect(await journal.next() == expected)
            }
            #expect(loop.now - began >= .milliseconds(50))
            for expected in ["second hook", "finish"] {
                let seen = await journal.next()
                #expect(seen == expected)
            }
            #expect(readiness.reason == "the service is shutting down")
            pipe.closeBoth()
        }
    }

    @Test func aHookThatNeverReturnsDoesNotPreventTheEnd() async throws {
        try await withLoop { loop in
            let pipe = Pipe()
            let journal = Journal<String>()
            let lifecycle = try Lifecycle(
                on: loop, delay: .zero, grace: .zero, readiness: ServiceReadiness(),
                log: LifecycleTests.log(on: loop, pipe)
            ) { journal.note("finish") }
            let gate = Completion<Bool>()
            lifecycle.onStop { _ in _ = await gate.wait() }
            lifecycle.shutDown()
            #expect(await journal.next() == "finish")
            gate.complete(true)
            try await loop.sleep(for: .milliseconds(1))
            #expect(journal.isEmpty, "it ends once")
            pipe.closeBoth()
        }
    }
}
