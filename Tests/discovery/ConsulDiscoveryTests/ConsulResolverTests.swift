import Addresses
import ConsulDiscovery
import Events
import HTTP
import LoadBalancing
import RPCCore
import Resolvers
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConsulResolverTests {
    private typealias Reports = Journal<Result<Resolution, RPCError>>

    private static func resolver(
        _ target: String = "consul:///pods", at address: SocketAddress?, token: String = "", on loop: EventLoop
    ) throws -> any Resolver {
        let access = try address.map { ConsulAccess(try ConsulAddress("\($0)"), token: ConsulToken(token)) }
        let factory = ResolverFactory.consul(access)
        let registry = ResolverRegistry([factory])
        return try registry.makeResolver(try Target(target, knownSchemes: registry.schemes), on: loop)
    }

    private static let waiting = "GET /v1/health/service/pods?passing=1"

    @Test func eachChangeIsReportedAsAWholeSet() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let resolver = try ConsulResolverTests.resolver(at: consul.address, token: "s3cret", on: loop)
            let reports = Reports()
            resolver.start { reports.accept($0) }
            let first = await consul.next()
            #expect(first.line == ConsulResolverTests.waiting)
            #expect(first.token == "s3cret")
            first.answer("[\(FakeConsul.entry("10.0.0.1")), \(FakeConsul.entry("10.0.0.2"))]", index: "12")
            #expect(
                try await reports.next().get().endpoints.map(\.description) == ["10.0.0.1:8080", "10.0.0.2:8080"])
            let second = await consul.next()
            #expect(second.line == ConsulResolverTests.waiting + "&index=12&wait=30s")
            second.answer("[\(FakeConsul.entry("10.0.0.2"))]", index: "14")
            #expect(try await reports.next().get().endpoints.map(\.description) == ["10.0.0.2:8080"])
            #expect(await consul.next().line == ConsulResolverTests.waiting + "&index=14&wait=30s")
            let snapshot = resolver.snapshot
            #expect(snapshot.endpoints.map(\.description) == ["10.0.0.2:8080"])
            #expect(snapshot.lookups == 3)
            #expect(snapshot.lastError == nil)
            resolver.shutdown()
            await consul.stop()
        }
    }

    @Test func whileThereIsNoSetTheChannelIsToldWhy() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let resolver = try ConsulResolverTests.resolver(at: consul.address, on: loop)
            let reports = Reports()
            resolver.start { reports.accept($0) }
            await consul.next().answer("No cluster leader", status: .internalServerError)
            let error = await #expect(throws: RPCError.self) { try await reports.next().get() }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("No cluster leader") == true)
            #expect(error?.message.contains("\(consul.address)") == true)
            #expect(resolver.snapshot.lastError == error?.message)
            #expect(resolver.snapshot.nextLookup != nil)
            // It is tried again by itself.
            await consul.next().answer("[]", index: "3")
            #expect(try await reports.next().get().endpoints == [])
            #expect(resolver.snapshot.lastError == nil)
            resolver.shutdown()
            await consul.stop()
        }
    }

    /// The second wait is 1.3 s at least, the first step 1 s.
    @Test func thatNoPodIsLeftCutsTheBackOffShort() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let resolver = try ConsulResolverTests.resolver(at: consul.address, on: loop)
            let reports = Reports()
            resolver.start { reports.accept($0) }
            for _ in 0..<2 {
                await consul.next().answer("No cluster leader", status: .internalServerError)
                _ = await reports.next()
            }
            let planned = try #require(resolver.snapshot.nextLookup)
            resolver.resolveAgain(urgent: false)
            #expect(resolver.snapshot.nextLookup == planned)
            resolver.resolveAgain(urgent: true)
            #expect(try #require(resolver.snapshot.nextLookup) < planned)
            await consul.next().answer("[]", index: "3")
            #expect(try await reports.next().get().endpoints == [])
            resolver.shutdown()
            await consul.stop()
        }
    }

    @Test func whatIsNoAnswerOfConsulsSaysSo() async throws {
        try await withLoop { loop in
            for (body, index, words) in [
                ("[]", nil, "X-Consul-Index"), ("[]", "soon", "X-Consul-Index"), ("<html>", "3", "bad JSON"),
                ("{}", "3", "an object"),
            ] as [(String, String?, String)] {
                let consul = try FakeConsul(on: loop)
                let resolver = try ConsulResolverTests.resolver(at: consul.address, on: loop)
                let reports = Reports()
                resolver.start { reports.accept($0) }
                await consul.next().answer(body, index: index)
                let error = await #expect(throws: RPCError.self) { try await reports.next().get() }
                #expect(error?.message.contains(words) == true)
                resolver.shutdown()
                await consul.stop()
            }
        }
    }

    @Test func anAgentThatGoesLeavesTheSetAndIsAskedAnewWhenItIsBack() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let address = consul.address
            let resolver = try ConsulResolverTests.resolver(at: address, on: loop)
            let reports = Reports()
            resolver.start { reports.accept($0) }
            await consul.next().answer("[\(FakeConsul.entry("10.0.0.1"))]", index: "12")
            _ = await reports.next()
            _ = await consul.next()
            await consul.stop()
            // One that has lost its memory: its first answer has nothing, which counts for nothing yet.
            let successor = try FakeConsul(on: loop, at: address)
            let first = await successor.next()
            #expect(first.line == ConsulResolverTests.waiting)
            #expect(resolver.snapshot.lastError != nil)
            first.answer("[]", index: "2")
            let second = await successor.next()
            #expect(second.line == ConsulResolverTests.waiting + "&index=2&wait=30s")
            #expect(resolver.snapshot.lastError == nil)
            second.answer("[\(FakeConsul.entry("10.0.0.2"))]", index: "3")
            #expect(
                try await reports.next().get().endpoints.map(\.description) == ["10.0.0.2:8080", "10.0.0.1:8080"])
            #expect(reports.isEmpty)
            resolver.shutdown()
            await successor.stop()
        }
    }

    @Test func nothingIsReportedAfterTheEnd() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let resolver = try ConsulResolverTests.resolver(at: consul.address, on: loop)
            let reports = Reports()
            resolver.start { reports.accept($0) }
            _ = await consul.next()
            resolver.shutdown()
            await consul.stop()
            #expect(reports.isEmpty)
        }
    }

    @Test func noConnectionIsAReportOfALaterTurn() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let address = consul.address
            await consul.stop()
            let resolver = try ConsulResolverTests.resolver(at: address, on: loop)
            let reports = Reports()
            resolver.start { reports.accept($0) }
            #expect(reports.isEmpty)
            let error = await #expect(throws: RPCError.self) { try await reports.next().get() }
            #expect(error?.message.contains("no connection") == true)
            resolver.shutdown()
        }
    }

    @Test(
        arguments: [
            ("consul:///pods", nil, "CONSUL_HTTP_ADDR"),
            ("consul://other:8500/pods", "127.0.0.1:8500", "CONSUL_HTTP_ADDR"),
            ("consul:///pods/v2", "127.0.0.1:8500", "not the name of a service"),
        ] as [(String, String?, String)])
    func aTargetThatCannotBeUsedSaysWhatToDo(_ target: String, _ address: String?, _ words: String) async throws {
        try await withLoop { loop in
            let error = #expect(throws: RPCError.self) {
                try ConsulResolverTests.resolver(target, at: address.flatMap { SocketAddress($0) }, on: loop)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains(words) == true)
        }
    }
}

extension Journal<Result<Resolution, RPCError>> {
    fileprivate func accept(_ result: Result<Resolution, RPCError>) -> Acceptance {
        note(result)
        return .accepted
    }
}
