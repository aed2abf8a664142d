import Addresses
import Events
import HTTP
import HTTPTransport
import Instruments
import TestSupport
import Testing
import Timing

@Suite(.timeLimit(.minutes(5))) struct LoadGeneratorTests {
    /// Answers nobody until it is opened. Loop thread only.
    private final class Gate {
        private var waiting: [CheckedContinuation<Void, Never>] = []
        private var isOpen = false
        private(set) var arrivals = 0

        func pass() async {
            arrivals += 1
            if !isOpen { await withCheckedContinuation { waiting.append($0) } }
        }

        func open() {
            isOpen = true
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
    }

    /// A service that stalls gets no more than 250 calls, and whoever waits meanwhile waits by the clock.
    @Test func whileAServiceStallsCallsWaitForTheirTurnAndTheirTimeRuns() async throws {
        try await withLoop { loop in
            let gate = Gate()
            let bound = LoopBound(gate, on: loop)
            let server = try HTTPServer(on: .ip(.v4(0x7F00_0001), port: 0), loop: loop) { _ in
                var router = HTTPRouter()
                router.on(.get, "/go/sample") { _ in
                    await bound.value.pass()
                    return .text(.ok, #"{"response":{"hostname":"a"}}"#)
                }
                return router
            }
            let entry = EntryClient(server.address, on: loop)
            let load = LoadGenerator(entry, rate: 2000, on: loop)
            let began = loop.now
            while gate.arrivals < 250 || loop.now - began < .milliseconds(400) {
                try await loop.sleep(for: .milliseconds(5))
            }
            #expect(load.outstanding == 250 && gate.arrivals == 250)
            let waiting = loop.now
            gate.open()
            // Who stops it now loses none of those that wait.
            let record = try await load.stop()
            #expect(record.failures.isEmpty)
            #expect(record.due(from: began, to: waiting).calls.count >= 790)
            // The 251st was due an eighth of a second after the first, and was made when the gate had opened.
            let late = try #require(record.calls.map(\.due).sorted().dropFirst(250).first)
            let call = try #require(record.calls.first { $0.due == late })
            #expect(call.began > call.due && call.latency > call.ended - call.began)
            #expect(load.isDone(until: began))
            entry.close()
            await server.stop(grace: .seconds(5))
        }
    }
}
