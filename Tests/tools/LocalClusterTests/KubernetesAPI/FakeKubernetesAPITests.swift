import Addresses
import HTTP
import JSON
import LocalCluster
import System
import Testing

/// The fake against what a real API server said, and against the API's documentation where nothing is recorded.
@Suite struct FakeKubernetesAPITests {
    private static let path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
    private static let selector = "labelSelector=kubernetes.io%2Fservice-name%3Dsample-service-grpc-headless"

    private static func pods(_ count: Int, ready: Int? = nil, terminating: Int = 0) -> [EndpointSliceStore.Pod] {
        (0..<count).map { index in
            EndpointSliceStore.Pod(
                name: "pod-\(index)", address: .v4(0x7f00_0001 + UInt32(index)), isReady: index < ready ?? count,
                isTerminating: index < terminating)
        }
    }

    private static func api(_ pods: [EndpointSliceStore.Pod] = pods(5)) -> FakeKubernetesAPI {
        var api = FakeKubernetesAPI(token: "secret", store: EndpointSliceStore(version: 100))
        update(&api, pods)
        update(&api, pods, .grpc)
        return api
    }

    private static func update(
        _ api: inout FakeKubernetesAPI, _ pods: [EndpointSliceStore.Pod], _ service: Service = .grpcHeadless
    ) {
        var count = api.store.version
        api.store.update(service, pods, now: "2026-11-21T11:57:38Z") {
            count += 1
            return "s\(count)"
        }
    }

    private static func ask(
        _ api: FakeKubernetesAPI, _ query: String = selector, path: String = path, token: String? = "secret"
    ) -> FakeKubernetesAPI.Reply {
        var fields = HTTPFields()
        if let token { fields.append("Authorization", "Bearer \(token)") }
        return api.reply(to: HTTPRequestHead(method: .get, target: "\(path)?\(query)", fields: fields))
    }

    private static func list(_ api: FakeKubernetesAPI, _ query: String = selector) throws -> JSONValue {
        guard case .whole(.ok, let json) = ask(api, query) else { throw NoList() }
        return json
    }

    private static func watch(_ api: FakeKubernetesAPI, _ query: String) throws -> FakeKubernetesAPI.Watch {
        guard case .watch(let watch) = ask(api, "\(selector)&watch=true&\(query)") else { throw NoList() }
        return watch
    }

    private struct NoList: Error {}

    private static func recording(_ name: String) throws -> [JSONValue] {
        let folder = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let bytes = try FileSystem.read("/\(folder)/discovery/Recordings/kubernetes/\(name)")
        if name.hasSuffix(".http") {
            let text = String(decoding: bytes, as: UTF8.self)
            let start = try #require(text.firstRange(of: "\n\n") ?? text.firstRange(of: "\r\n\r\n"))
            return [try JSONParser.parse(String(text[start.upperBound...]))]
        }
        return try bytes.split(separator: 0x0A).map { try JSONParser.parse(Array($0)) }
    }

    /// What differs in shape: members that one has and the other has not, and values of another kind. What is listed in
    /// `absent` may be missing from the fake; labels are a program's own.
    private static func differences(
        _ fake: JSONValue, _ real: JSONValue, at path: String = "", absent: Set<String> = []
    ) -> [String] {
        if path.hasSuffix(".labels") { return [] }
        switch (fake, real) {
        case (.object(let fake), .object(let real)):
            let keys = Set(fake.keys + real.keys)
            return keys.sorted().flatMap { key -> [String] in
                let place = "\(path).\(key)"
                guard let known = real[key] else { return ["\(place) is the fake's own"] }
                guard let own = fake[key] else { return absent.contains(place) ? [] : ["\(place) is missing"] }
                return differences(own, known, at: place, absent: absent)
            }
        case (.array(let fake), .array(let real)):
            guard let known = real.first else { return [] }
            return fake.flatMap { differences($0, known, at: "\(path)[]", absent: absent) }
        default: return fake.kind == real.kind ? [] : ["\(path) is \(fake.kind), not \(real.kind)"]
        }
    }

    /// It has no objects but slices, and nobody else who writes them.
    private static func absent(in metadata: String) -> Set<String> {
        Set(["annotations", "ownerReferences", "managedFields"].map { "\(metadata).\($0)" })
    }

    @Test func aListHasTheRecordingsShape() throws {
        let real = try #require(try Self.recording("endpointslices-list.json").first)
        let fake = try Self.list(Self.api())
        #expect(Self.differences(fake, real, absent: Self.absent(in: ".items[].metadata")) == [])
        let slice = try #require(fake["items"]?.array?.first)
        #expect(slice["metadata"]?["labels"]?["kubernetes.io/service-name"] == "sample-service-grpc-headless")
        #expect(slice["metadata"]?["labels"]?["service.kubernetes.io/headless"] == "")
        #expect(slice["ports"] == real["items"]?.array?.first?["ports"])
        #expect(slice["endpoints"]?.array?.count == 5)
        #expect(fake["metadata"]?["resourceVersion"] == "102")
    }

    @Test func aWatchsEventsHaveTheRecordingsShape() throws {
        var api = Self.api()
        let watch = try Self.watch(api, "resourceVersion=102&allowWatchBookmarks=true")
        Self.update(&api, Self.pods(5, ready: 4))
        Self.update(&api, Self.pods(5, ready: 4, terminating: 1))
        Self.update(&api, [])
        api.store.remove(.grpcHeadless)
        Self.update(&api, Self.pods(2))
        let (lines, position) = api.proceed(watch, from: 102)
        #expect(position == 107)
        #expect(lines.compactMap { $0["type"]?.string } == ["MODIFIED", "MODIFIED", "MODIFIED", "DELETED", "ADDED"])
        let real = try Self.recording("endpointslices-watch.jsonl")
        let full = try #require(real.first)
        let absent = Self.absent(in: ".object.metadata")
        for line in lines where line["object"]?["endpoints"]?.isNull == false {
            #expect(Self.differences(line, full, absent: absent) == [])
        }
        // As the real one writes a Service without pods.
        let none = try #require(real.first { $0["type"] == "MODIFIED" && $0["object"]?["endpoints"]?.isNull == true })
        #expect(Self.differences(lines[2], none, absent: absent) == [])
        let bookmark = try #require(real.first { $0["type"] == "BOOKMARK" })
        #expect(api.bookmark(watch).flatMap { Self.differences($0, bookmark) } == [])
        #expect(api.bookmark(try Self.watch(api, "resourceVersion=107")).isEmpty)
    }

    @Test func aPodThatEndsIsNotReadyAndStillServes() throws {
        let real = try Self.recording("endpointslices-watch.jsonl")
        let ending = real.lazy.compactMap { $0["object"]?["endpoints"]?.array }.joined().first {
            $0["conditions"]?["terminating"] == true
        }
        let slice = try #require(try Self.list(Self.api(Self.pods(1, terminating: 1)))["items"]?.array?.first)
        #expect(slice["endpoints"]?.array?.first?["conditions"] == ending?["conditions"])
    }

    @Test func initialEventsEndWithABookmark() throws {
        let api = Self.api()
        let query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        let (lines, position) = api.begin(try Self.watch(api, query))
        let real = try Self.recording("watch-initial-events.jsonl")
        #expect(position == 102)
        #expect(lines.count == 2)
        for (fake, real) in zip(lines, real) {
            #expect(Self.differences(fake, real, absent: Self.absent(in: ".object.metadata")) == [])
        }
        // Without a version, what there is comes first, too; nobody says where it ends.
        #expect(api.begin(try Self.watch(api, "allowWatchBookmarks=true")).lines.count == 1)
    }

    @Test func aVersionThatIsGoneIsAnEventAndOneThatIsToComeARefusal() throws {
        var api = Self.api()
        let watch = try Self.watch(api, "resourceVersion=102")
        for count in 0...EndpointSliceStore.rememberedChanges { Self.update(&api, Self.pods(1 + count % 2)) }
        let (lines, position) = api.proceed(watch, from: 102)
        #expect(position == nil)
        let real = try #require(try Self.recording("watch-too-old.jsonl").first)
        let fake = try #require(lines.first)
        #expect(Self.differences(fake, real) == [])
        #expect(fake["object"]?["code"] == 410)
        #expect(fake["object"]?["reason"] == "Expired")
        #expect(fake["object"]?["message"]?.string?.hasPrefix("too old resource version: 102 (") == true)
        guard case .whole(let status, let json) = Self.ask(api, "watch=1&resourceVersion=99999") else { throw NoList() }
        #expect(status == .gatewayTimeout)
        #expect(json["reason"] == "Timeout")
    }

    @Test func nothingIsLostBetweenAListAndItsWatch() throws {
        var api = Self.api()
        let version = try #require(try Self.list(api)["metadata"]?["resourceVersion"]?.string)
        Self.update(&api, Self.pods(6))
        Self.update(&api, Self.pods(6), .grpc)
        let watch = try Self.watch(api, "resourceVersion=\(version)")
        let (lines, position) = api.begin(watch)
        // The other Service's change is no event here, and is heard of all the same: the version goes on.
        #expect(lines.count == 1)
        #expect(position == 104)
        #expect(api.proceed(watch, from: 104).lines.isEmpty)
    }

    @Test func whoMayNotIsToldAsByTheRealOne() throws {
        let api = Self.api()
        let unauthorized = try #require(try Self.recording("unauthorized.http").first)
        guard case .whole(.unauthorized, let wrong) = Self.ask(api, token: "wrong") else { throw NoList() }
        #expect(wrong == unauthorized)
        let forbidden = try #require(try Self.recording("forbidden.http").first)
        let elsewhere = "/apis/discovery.k8s.io/v1/namespaces/other/endpointslices"
        guard case .whole(.forbidden, let other) = Self.ask(api, path: elsewhere) else { throw NoList() }
        #expect(Self.differences(other, forbidden) == [])
        #expect(other["message"]?.string?.hasSuffix("in the namespace \"other\"") == true)
        guard case .whole(.forbidden, let nobody) = Self.ask(api, token: nil) else { throw NoList() }
        #expect(nobody["message"]?.string?.contains("system:anonymous") == true)
        for path in ["/", "/api/v1/pods", "\(Self.path)/one"] {
            guard case .whole(.forbidden, _) = Self.ask(api, path: path) else { throw NoList() }
        }
    }

    @Test func whatTheFakeDoesNotKnowIsRefused() throws {
        let api = Self.api()
        let queries = [
            "labelSelector=a%20in%20(b)", "labelSelector=a!%3Db", "limit=x", "fieldSelector=metadata.name%3Da",
            "continue=x", "watch=1&resourceVersion=x",
        ]
        for query in queries {
            guard case .whole(.badRequest, _) = Self.ask(api, query) else { throw NoList() }
        }
        guard case .whole(let status, _) = Self.ask(api, "watch=1&sendInitialEvents=true") else { throw NoList() }
        #expect(status.code == 422)
    }

    @Test func aSliceHasAHundredPods() throws {
        var api = Self.api(Self.pods(250))
        let sizes = { (api: FakeKubernetesAPI) in
            api.store.slices.filter { $0.service == .grpcHeadless }.map(\.pods.count)
        }
        #expect(sizes(api).sorted() == [50, 100, 100])
        // Each pod stays where it is: one that comes is one change.
        let before = api.store.version
        Self.update(&api, Self.pods(251))
        #expect(api.store.version == before + 1)
        Self.update(&api, [])
        #expect(sizes(api) == [0])
    }

    @Test func aListComesInPages() throws {
        var api = Self.api(Self.pods(250))
        var names: [String] = []
        var next: String?
        repeat {
            let page = try Self.list(api, Self.selector + "&limit=2" + (next.map { "&continue=\($0)" } ?? ""))
            names += page["items"]?.array?.compactMap { $0["metadata"]?["name"]?.string } ?? []
            next = page["metadata"]?["continue"]?.string
        } while next != nil
        #expect(names == api.store.slices.filter { $0.service == .grpcHeadless }.map(\.name))
        let first = try Self.list(api, "limit=2")
        #expect(first["metadata"]?["remainingItemCount"] == 4)
        let token = try #require(first["metadata"]?["continue"]?.string)
        Self.update(&api, Self.pods(1))
        guard case .whole(let status, let json) = Self.ask(api, "limit=2&continue=\(token)") else { throw NoList() }
        #expect(status.code == 410)
        #expect(json["reason"] == "Expired")
    }
}
