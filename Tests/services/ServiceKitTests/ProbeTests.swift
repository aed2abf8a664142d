import Addresses
import Events
import HTTP
import HTTPTransport
import ServiceKit
import Settings
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ProbeTests {
    private static let own = SocketAddress.ip(.v4(0), port: 9090)

    @Test func withoutArgumentsTheServiceItselfIsAsked() throws {
        let options = try #require(try ProbeOptions.parse([], defaultAddress: ProbeTests.own))
        #expect(options.address == .ip(.v4(0x7f00_0001), port: 9090))
        #expect(options.service == "")
        #expect(options.timeout == .seconds(1))
        #expect(options.tls == nil)
    }

    @Test func argumentsSayWhomToAskAboutWhat() throws {
        let arguments = ["--addr", "localhost:50051", "--service=sample.service.HelloWorld", "--timeout", "250ms"]
        let options = try #require(try ProbeOptions.parse(arguments, defaultAddress: ProbeTests.own))
        #expect(options.address == .ip(.v4(0x7f00_0001), port: 50051))
        #expect(options.service == "sample.service.HelloWorld")
        #expect(options.timeout == .milliseconds(250))
    }

    @Test func anyAddressIsAskedForOnLoopback() {
        #expect(SocketAddress.ip(.v6(0), port: 1).reachable == .ip(.v4(0x7f00_0001), port: 1))
        #expect(SocketAddress.ip(.v4(0x0A00_0001), port: 1).reachable == .ip(.v4(0x0A00_0001), port: 1))
    }

    @Test(arguments: [["--addr"], ["--addr", "nowhere"], ["--nonsense"], ["--timeout", "0s"], ["extra"]])
    func badArgumentsAreErrors(arguments: [String]) {
        #expect(throws: UsageError.self) { try ProbeOptions.parse(arguments, defaultAddress: ProbeTests.own) }
    }

    @Test func outcomesHaveTheExitStatusOfGRPCHealthProbe() {
        let outcomes: [ProbeOutcome] = [
            .serving, .badArguments("x"), .noConnection("x"), .callFailed("x"), .notServing("x"),
        ]
        #expect(outcomes.map(\.exitStatus) == [0, 1, 2, 3, 4])
        #expect(outcomes.allSatisfy { !$0.message.isEmpty })
    }

    /// What the probe finds at a server whose `/readyz` is `handler`.
    private static func outcome(
        at address: SocketAddress = freeLoopbackAddress(), within timeout: Duration = .seconds(10),
        _ handler: @escaping @Sendable () async -> HTTPResponse
    ) async throws -> ProbeOutcome {
        try await withLoop { loop in
            let server = try HTTPServer(on: address, loop: loop) { _ in
                var router = HTTPRouter()
                router.on(.get, "/readyz") { _ in await handler() }
                return router
            }
            let options = ProbeOptions(address: server.address, timeout: timeout)
            let outcome = await HTTPProbe.run(options, on: loop)
            await server.stop(grace: .zero)
            return outcome
        }
    }

    @Test func aReadyServiceIsServing() async throws {
        #expect(try await ProbeTests.outcome { .text(.ok, "ok\n") } == .serving)
    }

    @Test func aServiceCanBeAskedOverAUnixSocket() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let address = SocketAddress.unix(path: "\(directory.path)/admin")
        #expect(try await ProbeTests.outcome(at: address) { .text(.ok, "ok\n") } == .serving)
        let options = try ProbeOptions.parse(["--addr", "\(address)"], defaultAddress: ProbeTests.own)
        #expect(options?.address == address)
    }

    @Test func aServiceThatIsNotReadySaysWhy() async throws {
        let outcome = try await ProbeTests.outcome { .text(.serviceUnavailable, "no pod\u{1b} is ready\nmore") }
        #expect(outcome == .notServing(#"no pod\u{1b} is ready"#))
    }

    @Test func anyOtherAnswerIsAFailedCall() async throws {
        let outcome = try await ProbeTests.outcome { .text(.internalServerError, "") }
        #expect(outcome.exitStatus == 3)
        #expect(outcome.message.contains("500"))
    }

    @Test func noAnswerInTimeIsAFailedCall() async throws {
        let outcome = try await ProbeTests.outcome(within: .seconds(1)) {
            // Rule waived: a service that never answers; the probe gives up long before.
            try? await Task.sleep(for: .seconds(30))
            return .text(.ok, "")
        }
        #expect(outcome.exitStatus == 3)
    }

    @Test func nobodyListeningIsNoConnection() async throws {
        let outcome = try await withLoop { loop in
            await HTTPProbe.run(ProbeOptions(address: freeLoopbackAddress()), on: loop)
        }
        #expect(outcome.exitStatus == 2)
        #expect(outcome.message.hasSuffix("Connection refused"))
    }
}
