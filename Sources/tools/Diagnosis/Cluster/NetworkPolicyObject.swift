import JSON

package struct NetworkPolicyObject: Sendable {
    struct Rule: Sendable {
        /// nil: anybody.
        var peers: [Peer]?
        /// nil: any port.
        var ports: [PortRange]?
    }

    struct Peer: Sendable {
        var pods: LabelSelector?
        var namespaces: LabelSelector?
        /// Whether a pod has such an address, is not known before it runs.
        var isAddresses: Bool
    }

    struct PortRange: Sendable {
        /// nil: all.
        var port: PortReference?
        var end: Int?
        var transport: String

        func has(_ number: Int, named name: String?) -> Bool {
            switch port {
            case nil: true
            case .name(let wanted)?: wanted == name
            case .number(let first)?: (first...max(end ?? first, first)).contains(number)
            }
        }
    }

    let meta: ObjectMeta
    let pods: LabelSelector
    let ingress: [Rule]?
    let egress: [Rule]?

    init(_ meta: ObjectMeta, _ object: JSONValue) {
        self.meta = meta
        let spec = object["spec"]
        pods = LabelSelector(spec?["podSelector"])
        let types = spec?["policyTypes"]?.array?.compactMap(\.string) ?? ["Ingress"]
        func rules(_ key: String, _ peers: String) -> [Rule] {
            (spec?[key]?.array ?? []).map { rule in
                Rule(peers: rule[peers]?.array?.map(Peer.init), ports: rule["ports"]?.array?.map(PortRange.init))
            }
        }
        // A type without rules lets nobody through.
        ingress = types.contains("Ingress") ? rules("ingress", "from") : nil
        egress = types.contains("Egress") ? rules("egress", "to") : nil
    }

    var object: String { "NetworkPolicy \(meta.reference)" }

    func selects(_ pod: ObjectMeta) -> Bool { pod.namespace == meta.namespace && pods.matches(pod.labels) }

    /// Whether a rule lets TCP through between a pod that the policy selects and `peer`; nil: anybody at all.
    func lets(_ rules: [Rule], _ peer: ObjectMeta?, port: Int, named name: String?) -> Bool {
        rules.contains { rule in
            let fits = rule.ports?.contains { $0.transport == "TCP" && $0.has(port, named: name) } ?? true
            guard fits else { return false }
            guard let peers = rule.peers, let peer else { return true }
            return peers.contains { $0.matches(peer, in: meta.namespace) }
        }
    }
}

extension NetworkPolicyObject.Peer {
    init(_ json: JSONValue) {
        pods = json["podSelector"].map { LabelSelector($0) }
        namespaces = json["namespaceSelector"].map { LabelSelector($0) }
        isAddresses = json["ipBlock"] != nil
    }

    func matches(_ pod: ObjectMeta, in namespace: String) -> Bool {
        if isAddresses { return true }
        if let namespaces {
            // Of a namespace nothing but its name is known here; who selects by other labels gets the benefit of the doubt.
            let known = "kubernetes.io/metadata.name"
            guard namespaces.matches([known: pod.namespace], knowing: [known]) else { return false }
        } else if pod.namespace != namespace {
            return false
        }
        return pods?.matches(pod.labels) ?? true
    }
}

extension NetworkPolicyObject.PortRange {
    init(_ json: JSONValue) {
        port = PortReference(json["port"])
        end = json["endPort"]?.integer.map { Int($0) }
        transport = json["protocol"]?.string ?? "TCP"
    }
}

/// matchLabels and matchExpressions; without any it matches everything.
struct LabelSelector: Sendable {
    private enum Requirement: Sendable {
        case among(Set<String>)
        case notAmong(Set<String>)
        case exists
        case missing
    }

    private var requirements: [(key: String, requirement: Requirement)] = []

    init(_ json: JSONValue?) {
        for (key, value) in texts(json?["matchLabels"]) { requirements.append((key, .among([value]))) }
        for expression in json?["matchExpressions"]?.array ?? [] {
            guard let key = expression["key"]?.string else { continue }
            let values = Set((expression["values"]?.array ?? []).compactMap(\.string))
            switch expression["operator"]?.string {
            case "In": requirements.append((key, .among(values)))
            case "NotIn": requirements.append((key, .notAmong(values)))
            case "Exists": requirements.append((key, .exists))
            case "DoesNotExist": requirements.append((key, .missing))
            default: continue
            }
        }
    }

    /// `knowing`: requirements of other keys count as met; nil: all are known.
    func matches(_ labels: [String: String], knowing known: Set<String>? = nil) -> Bool {
        requirements.allSatisfy { key, requirement in
            if let known, !known.contains(key) { return true }
            return switch (requirement, labels[key]) {
            case (.among(let values), let value?): values.contains(value)
            case (.among, nil): false
            case (.notAmong(let values), let value?): !values.contains(value)
            case (.notAmong, nil): true
            case (.exists, let value): value != nil
            case (.missing, let value): value == nil
            }
        }
    }
}
