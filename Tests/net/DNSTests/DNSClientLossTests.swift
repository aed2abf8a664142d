import Addresses
import DNS
import Events
import TestSupport
import Testing
import Timing

/// Against a stand-in that loses answers.
@Suite(.timeLimit(.minutes(5))) struct DNSClientLossTests {
    private typealias Answers = Journal<Result<DNSAnswer, DNSError>>

    @Test func aLostAnswerForOneFamilyDoesNotHoldUpTheOther() async throws {
        try await withLoop { loop in
            let server = try FakeDNSServer(on: loop, answersV6: false)
            let configuration = DNSConfiguration(server: server.address, timeout: .seconds(60), tries: 1)
            let client = DNSClient(on: loop, configuration: configuration)
            let journal = Answers()
            let started = loop.now
            client.lookUp("pods.test") { journal.note($0) }
            let first = try await journal.next().get()
            let elapsed = loop.now - started
            #expect(first.addresses == [.v4(0xC000_0201)])
            #expect(first.isComplete == false)
            #expect(first.timeToLive == .seconds(7))
            // The delay is 50 ms; a try that nobody answers takes a minute.
            #expect(elapsed >= .milliseconds(50) && elapsed < .seconds(30), "took \(elapsed)")

            server.answersV6 = true
            server.answerHeldQueries()
            let second = try await journal.next().get()
            #expect(second.addresses.map(\.description) == ["192.0.2.1", "2001:db8::1"])
            #expect(second.isComplete)
            server.stop()
        }
    }

    @Test func aTaskGetsItsAnswerAlsoIfTheOtherFamilyComesLateAndAddsNothing() async throws {
        try await withLoop { loop in
            let server = try FakeDNSServer(on: loop, answersV6: false)
            server.hasV6 = false
            let client = DNSClient(on: loop, configuration: DNSConfiguration(server: server.address))
            let late = Timer(on: loop) {
                server.answersV6 = true
                server.answerHeldQueries()
            }
            late.schedule(after: .milliseconds(100))
            let answer = try await client.addresses(of: "pods.test")
            #expect(answer.addresses == [.v4(0xC000_0201)])
            server.stop()
        }
    }

    /// c-ares would go on for an hour.
    @Test func aTaskThatIsCancelledOrHasALimitDoesNotWaitForTheTries() async throws {
        try await withLoop { loop in
            let silent = freeLoopbackAddress()
            let descriptor = try #require(openUDP(on: silent))
            let configuration = DNSConfiguration(server: silent, timeout: .seconds(3600), tries: 1)
            let client = DNSClient(on: loop, configuration: configuration)
            let limited = await #expect(throws: DNSError.self) {
                try await client.addresses(of: "pods.test", within: .milliseconds(50))
            }
            #expect(limited?.reason == .other("the look-up has no answer in time"))
            let bound = LoopBound(client, on: loop)
            let task = loop.startTask {
                let error = await #expect(throws: DNSError.self) { try await bound.value.addresses(of: "pods.test") }
                #expect(error?.reason == .other("the look-up was cancelled"))
            }
            await loop.run {}
            task.cancel()
            await task.value
            #expect(loop.registrationCount == 0)
            closeDescriptor(descriptor)
        }
    }

    @Test func aServerThatNeverAnswersIsATimeOut() async throws {
        try await withLoop { loop in
            let silent = freeLoopbackAddress()
            let descriptor = try #require(openUDP(on: silent))
            let configuration = DNSConfiguration(server: silent, timeout: .milliseconds(40), tries: 2)
            let client = DNSClient(on: loop, configuration: configuration)
            let error = await #expect(throws: DNSError.self) { try await client.addresses(of: "pods.test") }
            #expect(error?.reason == .timedOut)
            closeDescriptor(descriptor)
        }
    }

    @Test func aCancelledQueryReportsNothingAndLeavesOthersAlone() async throws {
        try await withLoop { loop in
            let server = try FakeDNSServer(on: loop, answersV6: true)
            let client = DNSClient(on: loop, configuration: DNSConfiguration(server: server.address))
            let journal = Answers()
            let cancelled = client.lookUp("a.test") { _ in Issue.record("a cancelled query reported") }
            client.lookUp("b.test") { journal.note($0) }
            cancelled.cancel()
            let answer = try await journal.next().get()
            #expect(answer.addresses.count == 2)
            server.stop()
        }
    }

    @Test func cancellingEverythingInAReportFreesEverything() async throws {
        try await withLoop { loop in
            let server = try FakeDNSServer(on: loop, answersV6: false)
            let client = DNSClient(on: loop, configuration: DNSConfiguration(server: server.address))
            let journal = Answers()
            let queries = Queries()
            for number in 1...5 {
                queries.all.append(
                    client.lookUp("pod\(number).test") {
                        for query in queries.all { query.cancel() }
                        journal.note($0)
                    })
            }
            _ = await journal.next()
            // withLoop checks that sockets and timers are gone.
            #expect(journal.isEmpty)
            server.stop()
        }
    }

    private final class Queries {
        var all: [DNSQuery] = []
    }
}
