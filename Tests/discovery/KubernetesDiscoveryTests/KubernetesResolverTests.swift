import Addresses
import Events
import HTTP
import HTTPTransport
import JSON
import KubernetesDiscovery
import LoadBalancing
import RPCCore
import Resolvers
import System
import TLS
import TestSupport
import Testing
import Timing

/// The resolver against an HTTP server that says what a test tells it to.
@Suite(.timeLimit(.minutes(5))) struct KubernetesResolverTests {
    private typealias Reports = Journal<Result<Resolution, RPCError>>

    private static func resolver(
        _ server: ScriptedAPI, _ folder: TemporaryDirectory, on loop: EventLoop,
        _ change: (inout KubernetesConfiguration) -> Void = { _ in }
    ) throws -> any Resolver {
        var configuration = KubernetesConfiguration(
            host: "127.0.0.1", port: try #require(server.address.port), account: ServiceAccount(folder.path),
            dialer: PlainSockets())
        configuration.backoff.base = .milliseconds(10)
        configuration.backoff.maximum = .milliseconds(10)
        change(&configuration)
        return try ResolverRegistry([.kubernetes(configuration)]).makeResolver(
            Target(scheme: "kubernetes", endpoint: "pods:grpc"), on: loop)
    }

    private static func account(_ token: String = "secret") throws -> TemporaryDirectory {
        let folder = TemporaryDirectory()
        try FileSystem.write(Array("\(token)\n".utf8), to: "\(folder.path)/token")
        try FileSystem.write(Array("team-a".utf8), to: "\(folder.path)/namespace")
        return folder
    }

    private static func list(_ slices: JSONValue..., version: String = "10", next: String? = nil) -> ScriptedAPI.Answer
    {
        var metadata: JSONValue = ["resourceVersion": .string(version)]
        if let next { metadata = ["resourceVersion": .string(version), "continue": .string(next)] }
        let json: JSONValue = ["kind": "EndpointSliceList", "metadata": metadata, "items": .array(slices)]
        return .whole(.ok, json.serialized)
    }

    private static func event(_ type: String, _ object: JSONValue) -> [UInt8] {
        (["type": .string(type), "object": object] as JSONValue).serialized + [0x0A]
    }

    private static func addresses(_ result: Result<Resolution, RPCError>) throws -> [String] {
        try result.get().endpoints.map(\.description)
    }

    @Test func listsAndWatches() async throws {
        try await withLoop { loop in
            let folder = try Self.account()
            defer { folder.remove() }
            let server = try ScriptedAPI(on: loop)
            let resolver = try Self.resolver(server, folder, on: loop)
            let reports = Reports()
            resolver.start { reports.accept($0) }

            let first = await server.requests.next()
            #expect(first.path == "/apis/discovery.k8s.io/v1/namespaces/team-a/endpointslices")
            #expect(first.query["labelSelector"] == "kubernetes.io/service-name=pods")
            #expect(first.query["limit"] == "100")
            #expect(first.authorization == "Bearer secret")
            server.answer(Self.list(sliceJSON("a", [endpointJSON("10.0.0.1")]), next: "page/2=="))
            let second = await server.requests.next()
            #expect(second.query["continue"] == "page/2==")
            server.answer(Self.list(sliceJSON("b", [endpointJSON("10.0.0.2")])))
            #expect(try Self.addresses(await reports.next()) == ["10.0.0.1:8080", "10.0.0.2:8080"])

            let watch = await server.requests.next()
            #expect(watch.query["watch"] == "true")
            #expect(watch.query["resourceVersion"] == "10")
            #expect(watch.query["allowWatchBookmarks"] == "true")
            let seconds = try #require(watch.query["timeoutSeconds"].flatMap { Int($0) })
            #expect((60...90).contains(seconds))
            server.answer(.stream)
            // A bookmark changes nothing; the next report is the event's.
            let bookmark: JSONValue = [
                "kind": "EndpointSlice", "metadata": ["resourceVersion": "11"], "endpoints": .null,
            ]
            await server.send(Self.event("BOOKMARK", bookmark))
            await server.send(Self.event("DELETED", sliceJSON("a", version: 12, [endpointJSON("10.0.0.1")])))
            #expect(try Self.addresses(await reports.next()) == ["10.0.0.2:8080"])
            #expect(resolver.snapshot.endpoints.map(\.description) == ["10.0.0.2:8080"])
            #expect(resolver.snapshot.lookups == 1)
            #expect(resolver.snapshot.lastError == nil)
            resolver.shutdown()
            await server.stop()
        }
    }

    @Test func aDroppedWatchIsResumedWhereItWas() async throws {
        try await withLoop { loop in
            let folder = try Self.account()
            defer { folder.remove() }
            let server = try ScriptedAPI(on: loop)
            let resolver = try Self.resolver(server, folder, on: loop)
            let reports = Reports()
            resolver.start { reports.accept($0) }
            _ = await server.requests.next()
            server.answer(Self.list())
            #expect(try Self.addresses(await reports.next()) == [])
            _ = await server.requests.next()
            server.answer(.stream)
            await server.send(Self.event("ADDED", sliceJSON("a", version: 77, [endpointJSON("10.0.0.1")])))
            #expect(try Self.addresses(await reports.next()) == ["10.0.0.1:8080"])
            server.cut()
            let again = await server.requests.next()
            #expect(again.query["resourceVersion"] == "77")
            resolver.shutdown()
            await server.stop()
        }
    }

    /// The connection is there, and nobody at its other end: after its time the watch is given up.
    @Test func aSilentWatchIsNoticed() async throws {
        try await withLoop { loop in
            let folder = try Self.account()
            defer { folder.remove() }
            let server = try ScriptedAPI(on: loop)
            let resolver = try Self.resolver(server, folder, on: loop) {
                $0.watchTime = .milliseconds(100)
                $0.watchMargin = .milliseconds(100)
            }
            let reports = Reports()
            resolver.start { reports.accept($0) }
            _ = await server.requests.next()
            server.answer(Self.list(version: "31"))
            _ = await server.requests.next()
            server.answer(.stream)
            let again = await server.requests.next()
            #expect(again.query["watch"] == "true")
            #expect(again.query["resourceVersion"] == "31")
            resolver.shutdown()
            await server.stop()
        }
    }

    @Test func theTokenIsReadForEachRequest() async throws {
        try await withLoop { loop in
            let folder = try Self.account("first")
            defer { folder.remove() }
            let server = try ScriptedAPI(on: loop)
            let resolver = try Self.resolver(server, folder, on: loop)
            let reports = Reports()
            resolver.start { reports.accept($0) }
            #expect(await server.requests.next().authorization == "Bearer first")
            try FileSystem.write(Array("second".utf8), to: "\(folder.path)/token")
            server.answer(.whole(.unauthorized, try Recording.body("unauthorized.http")))
            guard case .failure(let error) = await reports.next() else { throw Unexpected() }
            #expect(error.message.hasPrefix("cannot find the pods of team-a/pods: 401 Unauthorized"))
            #expect(!error.message.contains("first"))
            #expect(await server.requests.next().authorization == "Bearer second")
            resolver.shutdown()
            await server.stop()
        }
    }

    @Test func aRefusalIsToldAndTheSetKept() async throws {
        try await withLoop { loop in
            let folder = try Self.account()
            defer { folder.remove() }
            let server = try ScriptedAPI(on: loop)
            let resolver = try Self.resolver(server, folder, on: loop)
            let reports = Reports()
            var kept: [String] = []
            resolver.lookupFailed = { kept.append($0.message) }
            resolver.start { reports.accept($0) }
            _ = await server.requests.next()
            server.answer(Self.list(sliceJSON("a", [endpointJSON("10.0.0.1")])))
            #expect(try Self.addresses(await reports.next()) == ["10.0.0.1:8080"])
            _ = await server.requests.next()
            server.answer(.whole(.forbidden, try Recording.body("forbidden.http")))
            _ = await server.requests.next()
            #expect(resolver.snapshot.lastError?.contains("needs get, list and watch") == true)
            #expect(resolver.snapshot.endpoints.count == 1)
            #expect(reports.isEmpty)
            #expect(kept.count == 1 && kept[0].contains("needs get, list and watch"))
            server.answer(Self.list(sliceJSON("a", [endpointJSON("10.0.0.2")])))
            #expect(try Self.addresses(await reports.next()) == ["10.0.0.2:8080"])
            #expect(resolver.snapshot.lastError == nil)
            resolver.shutdown()
            await server.stop()
        }
    }

    /// The second wait would be 100 s long.
    @Test func thatNoPodIsLeftCutsTheBackOffShort() async throws {
        try await withLoop { loop in
            let folder = try Self.account()
            defer { folder.remove() }
            let server = try ScriptedAPI(on: loop)
            let resolver = try Self.resolver(server, folder, on: loop) {
                $0.backoff.multiplier = 10_000
                $0.backoff.maximum = .seconds(100)
                $0.backoff.jitter = 0
            }
            let reports = Reports()
            resolver.start { reports.accept($0) }
            for _ in 0..<2 {
                _ = await server.requests.next()
                server.answer(.whole(.serviceUnavailable, []))
                _ = await reports.next()
            }
            resolver.resolveAgain(urgent: true)
            _ = await server.requests.next()
            resolver.shutdown()
            await server.stop()
        }
    }

    @Test func tooOldMeansANewList() async throws {
        try await withLoop { loop in
            let folder = try Self.account()
            defer { folder.remove() }
            let server = try ScriptedAPI(on: loop)
            let resolver = try Self.resolver(server, folder, on: loop)
            let reports = Reports()
            resolver.start { reports.accept($0) }
            _ = await server.requests.next()
            server.answer(Self.list(sliceJSON("a", [endpointJSON("10.0.0.1")])))
            _ = await reports.next()
            _ = await server.requests.next()
            server.answer(.whole(.ok, try Recording.bytes("watch-too-old.jsonl")))
            let list = await server.requests.next()
            #expect(list.query["watch"] == nil)
            server.answer(Self.list(sliceJSON("b", [endpointJSON("10.0.0.2")])))
            #expect(try Self.addresses(await reports.next()) == ["10.0.0.2:8080"])
            resolver.shutdown()
            await server.stop()
        }
    }

    /// A stranger gets no token; and the right authority, once its file is there, is believed without a restart.
    @Test func aStrangersCertificateIsRefused() async throws {
        try await withLoop { loop in
            let authority = try LocalAuthority(name: "right")
            let identity = try authority.issue(["127.0.0.1"])
            var material = TLSMaterial(.server)
            material.certificate = TLSMaterial.Part(identity.certificate, from: "test")
            material.key = TLSMaterial.Part(identity.key, from: "test")
            let server = try ScriptedAPI(on: loop, acceptor: TLSAcceptor(try TLSCredentials(material)))
            let folder = try Self.account()
            defer { folder.remove() }
            let file = "\(folder.path)/ca.crt"
            let resolver = try Self.resolver(server, folder, on: loop) { $0.dialer = nil }
            let reports = Reports()
            resolver.start { reports.accept($0) }
            func failure(_ words: String) async throws {
                let result = await reports.first { (try? $0.get()) == nil && "\($0)".contains(words) }
                #expect(throws: RPCError.self) { try result.get() }
            }
            try await failure(file)
            try FileSystem.write(try LocalAuthority(name: "wrong").certificate, to: file)
            try await failure("unknown authority")
            try FileSystem.write(authority.certificate, to: file)
            #expect(await server.requests.next().authorization == "Bearer secret")
            resolver.shutdown()
            await server.stop()
        }
    }

    @Test func whatIsMissingIsNamed() async throws {
        try await withLoop { loop in
            let folder = TemporaryDirectory()
            defer { folder.remove() }
            let server = try ScriptedAPI(on: loop)
            do {
                _ = try Self.resolver(server, folder, on: loop)
                Issue.record("a namespace came from nowhere")
            } catch let error as RPCError {
                #expect(error.message.contains("it names no namespace"))
                #expect(error.message.contains("\(folder.path)/namespace"))
            }
            let target = Target(scheme: "kubernetes", endpoint: "pods.default:grpc")
            do throws(RPCError) {
                _ = try ResolverRegistry([.kubernetes(nil)]).makeResolver(target, on: loop)
                Issue.record("an API server came from nowhere")
            } catch {
                #expect(error.message.contains("KUBERNETES_SERVICE_HOST"))
            }
            // Without a token it goes on looking for one.
            try FileSystem.write(Array("default".utf8), to: "\(folder.path)/namespace")
            let resolver = try Self.resolver(server, folder, on: loop)
            let reports = Reports()
            resolver.start { reports.accept($0) }
            guard case .failure(let error) = await reports.next() else { throw Unexpected() }
            #expect(error.message.contains("\(folder.path)/token"))
            try FileSystem.write(Array("late".utf8), to: "\(folder.path)/token")
            #expect(await server.requests.next().authorization == "Bearer late")
            resolver.shutdown()
            await server.stop()
        }
    }
}

private struct Unexpected: Error {}

extension Journal where Entry == Result<Resolution, RPCError> {
    fileprivate func accept(_ result: Result<Resolution, RPCError>) -> Acceptance {
        note(result)
        return .accepted
    }
}
