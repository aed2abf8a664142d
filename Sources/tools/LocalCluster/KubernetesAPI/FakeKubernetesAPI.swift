package import HTTP
package import JSON

/// A fake: this is not Kubernetes' API server, and knows of its API the list and the watch of EndpointSlices alone. It
/// answers as a real one does, so that the gateway's resolver runs on this machine as it runs in a cluster. Written from
/// the API's documentation (kubernetes.io, "Kubernetes API Concepts" and "EndpointSlice v1"), and held against recordings
/// of a real API server by its tests. A pure value: what a request gets, without the connection that it came by.
///
/// One service account, `gateway` in `default`, may list and watch EndpointSlices of that namespace; everything else is
/// forbidden to it. Selectors are equalities of labels; fields cannot be selected by. A list whose next page is asked for
/// after a change begins anew (410), where a real one remembers for five minutes.
package struct FakeKubernetesAPI: Sendable {
    private static let user = "system:serviceaccount:default:gateway"
    private static let collection = "/apis/discovery.k8s.io/v1/namespaces/"

    package var store: EndpointSliceStore
    /// Whoever brings it is the service account.
    package let token: String

    package init(token: String, store: EndpointSliceStore = EndpointSliceStore()) {
        self.token = token
        self.store = store
    }

    package enum Reply: Equatable, Sendable {
        case whole(HTTPStatus, JSONValue)
        case watch(Watch)
    }

    /// What somebody wants to hear of.
    package struct Watch: Equatable, Sendable {
        /// nil: everything that there is comes first, as ADDED.
        var from: Int?
        var labels: [String: String]
        var wantsBookmarks: Bool
        /// A bookmark says where those first events end.
        var marksInitialEvents: Bool
        package var timeoutSeconds: Int
    }

    /// What a request for a list or a watch asks.
    private struct Query {
        var labels: [String: String] = [:]
        var isWatch = false
        var version: String?
        var match: String?
        var limit: Int?
        var next: String?
        var timeoutSeconds: Int?
        var wantsBookmarks = false
        var sendsInitialEvents: Bool?
    }

    package func reply(to head: HTTPRequestHead) -> Reply {
        guard let user = user(head.fields["Authorization"]) else { return .refusal(.unauthorized, "Unauthorized") }
        let parameters = head.queryParameters
        let isWatch = ["true", "1"].contains(parameters["watch"])
        let verb = isWatch ? "watch" : "list"
        guard let (namespace, resource) = FakeKubernetesAPI.resource(head.path) else {
            return .forbidden("forbidden: User \"\(user)\" cannot get path \"\(head.path)\"")
        }
        guard resource == "endpointslices", namespace == "default", user == FakeKubernetesAPI.user else {
            return .forbidden(
                "\(resource).discovery.k8s.io is forbidden: User \"\(user)\" cannot \(verb) resource \"\(resource)\""
                    + " in API group \"discovery.k8s.io\" in the namespace \"\(namespace)\"", kind: resource)
        }
        switch FakeKubernetesAPI.query(parameters, isWatch: isWatch) {
        case .failure(let problem): return .refusal(.badRequest, problem.text)
        case .success(let query): return isWatch ? watch(query) : list(query)
        }
    }

    /// nil for a token that nobody has. Without one, the API's user is a real one, who may nothing.
    private func user(_ authorization: String?) -> String? {
        guard let authorization else { return "system:anonymous" }
        return authorization == "Bearer \(token)" ? FakeKubernetesAPI.user : nil
    }

    private static func resource(_ path: Substring) -> (namespace: String, resource: String)? {
        guard path.hasPrefix(collection) else { return nil }
        let parts = path.dropFirst(collection.count).split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }

    // MARK: Queries

    private struct Problem: Error {
        let text: String
    }

    private static func query(_ parameters: QueryParameters, isWatch: Bool) -> Result<Query, Problem> {
        var query = Query()
        query.isWatch = isWatch
        for item in parameters.items {
            switch item.name {
            case "watch": break
            case "labelSelector":
                for term in item.value.split(separator: ",") {
                    let sides = term.split(separator: "=", omittingEmptySubsequences: true)
                    guard sides.count == 2, !term.contains("!") else {
                        return .failure(
                            Problem(text: "this fake selects by equality of labels only, not by \"\(term)\""))
                    }
                    query.labels[String(sides[0])] = String(sides[1])
                }
            case "resourceVersion": query.version = item.value
            case "resourceVersionMatch": query.match = item.value
            case "continue": query.next = item.value.isEmpty ? nil : item.value
            case "allowWatchBookmarks": query.wantsBookmarks = ["true", "1"].contains(item.value)
            case "sendInitialEvents": query.sendsInitialEvents = ["true", "1"].contains(item.value)
            case "limit", "timeoutSeconds":
                guard let number = Int(item.value), number >= 0 else {
                    return .failure(Problem(text: "\(item.name) is no number: \"\(item.value)\""))
                }
                if item.name == "limit" {
                    query.limit = number == 0 ? nil : number
                } else {
                    query.timeoutSeconds = number
                }
            case "pretty", "timeout": break
            default: return .failure(Problem(text: "this fake does not know the parameter \"\(item.name)\""))
            }
        }
        return .success(query)
    }

    // MARK: List

    private func list(_ query: Query) -> Reply {
        var rest = store.slices.filter { $0.matches(query.labels) }
        if let next = query.next {
            let parts = next.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let version = Int(parts[0]) else {
                return .refusal(.badRequest, "continue key is not valid")
            }
            guard version == store.version else {
                return .refusal(
                    .gone, "The provided continue parameter is too old to display a consistent list result.")
            }
            rest = rest.filter { $0.name > parts[1] }
        }
        let page = rest.prefix(query.limit ?? rest.count)
        var metadata = [JSONObject.Member(key: "resourceVersion", value: .string("\(store.version)"))]
        if page.count < rest.count, let last = page.last {
            metadata.append(JSONObject.Member(key: "continue", value: .string("\(store.version):\(last.name)")))
            // Only without a selector, because a real one does not count what it has not looked at.
            if query.labels.isEmpty {
                let remaining = Int64(rest.count - page.count)
                metadata.append(JSONObject.Member(key: "remainingItemCount", value: .number(.integer(remaining))))
            }
        }
        return .whole(
            .ok,
            [
                "kind": "EndpointSliceList", "apiVersion": "discovery.k8s.io/v1",
                "metadata": .object(JSONObject(metadata)), "items": .array(page.map(\.item)),
            ])
    }

    // MARK: Watch

    /// Of watches that name no time; a real one takes half an hour and up to as much again.
    private static let usualWatchSeconds = 1_800

    private func watch(_ query: Query) -> Reply {
        if let wants = query.sendsInitialEvents, wants, query.match != "NotOlderThan" {
            return .refusal(
                .unprocessable, "sendInitialEvents is forbidden: requires setting resourceVersionMatch to NotOlderThan")
        }
        var watch = Watch(
            from: nil, labels: query.labels, wantsBookmarks: query.wantsBookmarks, marksInitialEvents: false,
            timeoutSeconds: query.timeoutSeconds.flatMap { $0 > 0 ? $0 : nil } ?? FakeKubernetesAPI.usualWatchSeconds)
        if query.sendsInitialEvents == true {
            watch.marksInitialEvents = query.wantsBookmarks
            return .watch(watch)
        }
        guard let text = query.version, !text.isEmpty, text != "0" else { return .watch(watch) }
        guard let version = Int(text), version > 0 else {
            return .refusal(.badRequest, "resourceVersion: Invalid value: \"\(text)\"")
        }
        guard version <= store.version else {
            return .refusal(
                .gatewayTimeout, "Too large resource version: \(version), current: \(store.version)", reason: "Timeout")
        }
        watch.from = version
        return .watch(watch)
    }

    /// A watch's first lines, and the version up to which they tell; nil: it has ended with them.
    package func begin(_ watch: Watch) -> (lines: [JSONValue], position: Int?) {
        if let from = watch.from { return proceed(watch, from: from) }
        var lines = store.slices.filter { $0.matches(watch.labels) }.map { FakeKubernetesAPI.event("ADDED", $0.object) }
        if watch.marksInitialEvents {
            let bookmark = EndpointSliceStore.bookmark(store.version, endsInitialEvents: true)
            lines.append(FakeKubernetesAPI.event("BOOKMARK", bookmark))
        }
        return (lines, store.version)
    }

    /// What has happened since.
    package func proceed(_ watch: Watch, from position: Int) -> (lines: [JSONValue], position: Int?) {
        guard let changes = store.changes(since: position) else {
            let text = "too old resource version: \(position) (\(store.forgotten))"
            return ([FakeKubernetesAPI.event("ERROR", FakeKubernetesAPI.status(.gone, text, reason: "Expired"))], nil)
        }
        let lines = changes.filter { $0.slice.matches(watch.labels) }.map {
            FakeKubernetesAPI.event($0.kind.rawValue, $0.slice.object)
        }
        return (lines, store.version)
    }

    /// For a watch that wants to hear that nothing has happened.
    package func bookmark(_ watch: Watch) -> [JSONValue] {
        watch.wantsBookmarks
            ? [FakeKubernetesAPI.event("BOOKMARK", EndpointSliceStore.bookmark(store.version))] : []
    }

    private static func event(_ type: String, _ object: JSONValue) -> JSONValue {
        ["type": .string(type), "object": object]
    }

    // MARK: Refusals

    static func status(
        _ status: HTTPStatus, _ message: String, reason: String, kind: String? = nil
    ) -> JSONValue {
        var members: [JSONObject.Member] = [
            JSONObject.Member(key: "kind", value: "Status"), JSONObject.Member(key: "apiVersion", value: "v1"),
            JSONObject.Member(key: "metadata", value: [:]), JSONObject.Member(key: "status", value: "Failure"),
            JSONObject.Member(key: "message", value: .string(message)),
            JSONObject.Member(key: "reason", value: .string(reason)),
        ]
        if let kind {
            let details: JSONValue = ["group": "discovery.k8s.io", "kind": .string(kind)]
            members.append(JSONObject.Member(key: "details", value: details))
        }
        members.append(JSONObject.Member(key: "code", value: .number(.integer(Int64(status.code)))))
        return .object(JSONObject(members))
    }
}

extension EndpointSliceStore.Slice {
    fileprivate func matches(_ selector: [String: String]) -> Bool {
        let labels = item["metadata"]?["labels"]
        return selector.allSatisfy { labels?[$0.key]?.string == $0.value }
    }
}

extension HTTPStatus {
    fileprivate static let gone = HTTPStatus(code: 410, reason: "Gone")
    fileprivate static let unprocessable = HTTPStatus(code: 422, reason: "Unprocessable Entity")
}

extension FakeKubernetesAPI.Reply {
    fileprivate static func refusal(_ status: HTTPStatus, _ message: String, reason: String? = nil) -> Self {
        let usual =
            switch status.code {
            case 400: "BadRequest"
            case 401: "Unauthorized"
            case 410: "Expired"
            case 422: "Invalid"
            default: "Unknown"
            }
        return .whole(status, FakeKubernetesAPI.status(status, message, reason: reason ?? usual))
    }

    fileprivate static func forbidden(_ message: String, kind: String? = nil) -> Self {
        .whole(.forbidden, FakeKubernetesAPI.status(.forbidden, message, reason: "Forbidden", kind: kind))
    }
}
