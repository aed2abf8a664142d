import Addresses
import EtcdAPI
import EtcdDiscovery
import Events
import LoadBalancing
import RPCCore
import RPCTestSupport
import Resolvers
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct EtcdResolverTests {
    private func pair(_ name: String, _ value: String, revision: Int64) -> KeyValue {
        var pair = KeyValue()
        pair.key = Array("/pods/\(name)".utf8)
        pair.value = Array(value.utf8)
        pair.modRevision = revision
        return pair
    }

    private func header(_ revision: Int64) -> ResponseHeader {
        ResponseHeader(clusterId: 1, revision: revision, raftTerm: 1)
    }

    private func resolver(
        _ text: String = "etcd:///pods", at endpoints: String?, on loop: EventLoop
    ) throws -> any Resolver {
        let registry = ResolverRegistry([.etcd(try endpoints.map { try EtcdEndpoints($0, on: loop) })])
        return try registry.makeResolver(Target(text, knownSchemes: registry.schemes), on: loop)
    }

    @Test func itReadsAndWatchesAndReadsAgainWhenAWatchEnds() async throws {
        try await withLoop { loop in
            let etcd = try FakeEtcd(on: loop)
            etcd.setPage(RangeResponse(header: header(5), kvs: [pair("a", "10.0.0.1:80", revision: 5)]))
            let resolver = try resolver(at: etcd.endpoints, on: loop)
            let found = Found(on: loop)
            resolver.start(found.report)
            #expect(found.sets.isEmpty, "reports never come from within a call")
            await found.until(["10.0.0.1:80"])
            await etcd.until("Watch from 6")

            var event = Event()
            event.kv = pair("b", "10.0.0.2:80", revision: 9)
            try await etcd.send(WatchResponse(header: header(9), events: [event]))
            await found.until(["10.0.0.1:80", "10.0.0.2:80"])
            etcd.setPage(RangeResponse(header: header(12), kvs: [pair("b", "10.0.0.2:80", revision: 9)]))
            etcd.endWatch()
            await etcd.until("Watch from 13")
            #expect(found.sets.last == ["10.0.0.2:80"] && resolver.snapshot.lookups == 2)
            #expect(etcd.requests == ["Range", "Watch from 6", "Range", "Watch from 13"])
            #expect(etcd.withoutLeader == 0)

            resolver.shutdown()
            etcd.endWatch()
            await etcd.stop()
            await poll("the loop is empty", on: loop) { loop.registrationCount == 0 }
            #expect(found.errors.isEmpty)
        }
    }

    @Test func anEtcdThatIsAwayIsAnErrorThatSaysSo() async throws {
        try await withLoop { loop in
            let etcd = try FakeEtcd(on: loop)
            await etcd.stop()
            let resolver = try resolver(at: etcd.endpoints, on: loop)
            let found = Found(on: loop)
            resolver.start(found.report)
            await found.untilError()
            #expect(found.errors[0].contains("\(etcd.endpoints)") && found.errors[0].hasPrefix("Range: "))
            #expect(resolver.snapshot.lastError == found.errors[0] && resolver.snapshot.nextLookup != nil)
            resolver.shutdown()
        }
    }

    @Test func anotherMemberIsAskedWhenOneIsAway() async throws {
        try await withLoop { loop in
            let away = try FakeEtcd(on: loop)
            await away.stop()
            let etcd = try FakeEtcd(on: loop)
            etcd.setPage(RangeResponse(header: header(5), kvs: [pair("a", "10.0.0.1:80", revision: 5)]))
            let resolver = try resolver(at: "\(away.endpoints),\(etcd.endpoints)", on: loop)
            let found = Found(on: loop)
            resolver.start(found.report)
            await found.until(["10.0.0.1:80"])
            #expect(found.errors.isEmpty)
            resolver.shutdown()
            etcd.endWatch()
            await etcd.stop()
            await poll("the loop is empty", on: loop) { loop.registrationCount == 0 }
        }
    }

    @Test(arguments: [
        ("etcd://10.0.0.1:2379/pods", "10.0.0.1:2379", "ETCD_ENDPOINTS says where etcd is"),
        ("etcd:///a/b", "10.0.0.1:2379", "letters, digits"),
        ("etcd:///pods", nil, "ETCD_ENDPOINTS has to say where etcd is"),
    ])
    func aTargetThatCannotBeUsedIsRefused(target: String, endpoints: String?, reason: String) async throws {
        try await withLoop { loop in
            do {
                _ = try resolver(target, at: endpoints, on: loop)
                Issue.record("it was taken")
            } catch let error as RPCError {
                #expect(error.code == .invalidArgument && error.message.contains(reason))
            }
        }
    }
}

/// What a resolver reported. Loop thread only.
private final class Found {
    private let watch: RPCTestSupport.Watch
    private(set) var sets: [[String]] = []
    private(set) var errors: [String] = []

    init(on loop: EventLoop) { watch = RPCTestSupport.Watch(on: loop) }

    func report(_ result: Result<Resolution, RPCError>) -> Acceptance {
        switch result {
        case .success(let resolution): sets.append(resolution.endpoints.map(\.description))
        case .failure(let error): errors.append(error.message)
        }
        watch.changed()
        return .accepted
    }

    func until(_ set: [String]) async { await watch.until("\(set)") { [self] in sets.last == set } }
    func untilError() async { await watch.until("an error") { [self] in !errors.isEmpty } }
}
