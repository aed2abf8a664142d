import Events
import ServiceKit
import System
import Telemetry
import TestSupport
import Testing
import gateway

@Suite(.timeLimit(.minutes(5))) struct FirstConnectionsTests {
    private func run(
        channels: Int = 2, limit: Duration = .seconds(30),
        _ body: @escaping @Sendable (EventLoop, ServiceReadiness, FirstConnections, Journal<Bool>) async throws -> Void
    ) async throws -> String {
        try await withLoop { loop in
            let pipe = Pipe(nonBlocking: false)
            let log = Log(
                name: "x", format: .text, level: .info, output: LineOutput(descriptor: pipe.writer), loops: [loop])
            let readiness = ServiceReadiness()
            let connections = FirstConnections(
                of: channels, to: "dns:///pods:1", limit: limit, readiness: readiness, log: log, on: loop)
            let changes = Journal<Bool>()
            readiness.observe { changes.note($0) }
            _ = await changes.next()
            try await body(loop, readiness, connections, changes)
            log.flush()
            pipe.closeWriter()
            defer { pipe.closeReader() }
            return String(decoding: pipe.read(), as: UTF8.self)
        }
    }

    @Test func readyIsWhoseChannelsHaveAllConnected() async throws {
        let log = try await run { _, readiness, connections, changes in
            #expect(readiness.reason == "no connection to dns:///pods:1 yet")
            connections.add()
            #expect(!readiness.isReady)
            connections.add()
            #expect(readiness.isReady && changes.isEmpty == false)
            // Nothing that comes later changes it.
            connections.add()
            connections.end()
            #expect(readiness.isReady)
        }
        #expect(log.isEmpty)
    }

    @Test func afterTheLimitItIsReadyWithAWarning() async throws {
        let log = try await run(limit: .milliseconds(20)) { _, readiness, connections, changes in
            connections.add()
            #expect(await changes.next())
            #expect(readiness.isReady)
        }
        #expect(log.contains(" warn: Ready without a connection to dns:///pods:1, after 20ms"))
    }

    @Test func zeroDoesNotWait() async throws {
        let log = try await run(limit: .zero) { _, readiness, _, _ in #expect(readiness.isReady) }
        #expect(log.isEmpty)
    }

    @Test func aServiceThatEndsBeforeDoesNotWait() async throws {
        let log = try await run { _, readiness, connections, _ in
            readiness.block("shutdown", because: "the service is shutting down")
            connections.end()
            #expect(readiness.reason == "the service is shutting down")
        }
        #expect(log.isEmpty)
    }
}
