import Addresses
import Timing

/// From what was seen of a target to what is to be said of it. Pure.
package enum TargetDiagnosis {
    /// The worst first.
    package static func findings(_ seen: TargetObservation) -> [Finding] {
        var seen = seen
        if seen.servers.namesCalls {
            let calls = seen.servers.callsOnOneConnection
            seen.callProblem =
                seen.callProblem
                ?? "\(seen.servers.namedBy?.text ?? "the name") had \(count(calls, "value")) in \(calls) calls over one "
                + "connection: it names calls, not servers"
            seen.servers.forgetNames()
        }
        let all =
            resolution(seen) + connections(seen) + health(seen) + call(seen) + calls(seen) + spread(seen)
            + broken(seen) + age(seen)
        let order = all.enumerated().sorted {
            ($0.element.severity, $0.offset) < ($1.element.severity, $1.offset)
        }
        return order.map(\.element)
    }

    // MARK: The name

    private static func resolution(_ seen: TargetObservation) -> [Finding] {
        guard case .failed(let failure, let text) = seen.resolution else { return [] }
        switch failure {
        case .notFound:
            return [
                Finding(
                    .nameNotFound,
                    "the name of \(seen.target) does not exist: correct the target's host; a Service of another "
                        + "namespace is "
                        + "NAME.NAMESPACE, outside of a pod nothing knows a cluster's names, and "
                        + "dns://SERVER:PORT/NAME:PORT "
                        + "asks another server",
                    evidence: [text])
            ]
        case .noAddress where seen.sourceTells:
            return [
                Finding(
                    .nameHasNoAddress,
                    "nobody is entered under \(seen.target): a registry has the pods that entered themselves, once they "
                        + "were ready, and Kubernetes' API those of a Service that are ready; look at the pods' readiness "
                        + "probes, at what their logs say of the registry, and whether both sides mean the same name",
                    evidence: [text])
            ]
        case .noAddress:
            return [
                Finding(
                    .nameHasNoAddress,
                    "the name of \(seen.target) exists and has no address: a headless Service without a ready pod "
                        + "looks like "
                        + "this; look at the pods' readiness probes and at the Service's spec.selector",
                    evidence: [text])
            ]
        case .other:
            return [
                Finding(
                    .nameServerFails,
                    "the name of \(seen.target) cannot be looked up: whom the look-up asks is the nameserver in "
                        + "/etc/resolv.conf, or the target's authority, as in dns://SERVER:PORT/NAME:PORT",
                    evidence: [text])
            ]
        }
    }

    // MARK: The servers' health

    private static func health(_ seen: TargetObservation) -> [Finding] {
        let subject = seen.service.isEmpty ? "the whole server" : "\"\(seen.service)\""
        let asked = seen.addresses.filter { $0.health != nil }
        func those(_ matches: (HealthAnswer) -> Bool) -> [AddressObservation] {
            asked.filter { $0.health.map(matches) ?? false }
        }
        func evidence(_ which: [AddressObservation]) -> [String] {
            ["\(which.count) of \(asked.count): \(list(which.map(\.address)))"]
        }
        var findings: [Finding] = []
        let notServing = those { $0 == .notServing }
        if !notServing.isEmpty {
            findings.append(
                Finding(
                    .notServing,
                    "grpc.health.v1.Health says NOT_SERVING of \(subject): the server takes no calls by its own "
                        + "word; it starts, "
                        + "ends, or waits for something; its log says which, and a readiness probe "
                        + "(readinessProbe.grpc) keeps "
                        + "calls away meanwhile",
                    evidence: evidence(notServing)))
        }
        let unknown = those { $0 == .serviceUnknown }
        if !unknown.isEmpty {
            findings.append(
                Finding(
                    .serviceUnknown,
                    "the health service does not know \(subject): correct --service, or set its status in the "
                        + "server; a client "
                        + "with healthCheckConfig.serviceName of this name would send it nothing",
                    evidence: evidence(unknown)))
        }
        let missing = those { $0 == .unimplemented }
        if !missing.isEmpty {
            findings.append(
                Finding(
                    .healthMissing,
                    "there is no grpc.health.v1.Health: register it in the server; until then readinessProbe.grpc "
                        + "fails, "
                        + "and healthCheckConfig in a service config has no effect",
                    evidence: evidence(missing)))
        }
        let failed = those { if case .failed = $0 { true } else { false } }
        if !failed.isEmpty {
            findings.append(
                Finding(
                    .healthFails,
                    "the connection stands, and the health check on it fails: the status says why, and whose setting "
                        + "it is "
                        + "(credentials of the call, a proxy's route, a time-out)",
                    evidence: failed.map { "\($0.address): \($0.health?.word ?? "")" }))
        }
        return findings
    }

    private static func call(_ seen: TargetObservation) -> [Finding] {
        guard let problem = seen.callProblem else { return [] }
        return [
            Finding(
                .callFails,
                "the call that was to name the servers is of no use: correct --call or --field, which is to be the same in "
                    + "all answers of a server, or register reflection in the server, which says what the method's answer "
                    + "looks like",
                evidence: [problem])
        ]
    }

    // MARK: Who gets the calls

    private static func spread(_ seen: TargetObservation) -> [Finding] {
        let addresses = seen.resolution.addresses
        let servers = seen.servers
        // Whatever stands there gives each call to another server: what the client chooses does not matter.
        guard seen.addresses.contains(where: { $0.outcome == .ready }), !servers.spreadPerCall else { return [] }
        guard addresses.count == 1 else { return pickFirst(seen, addresses) }
        switch addresses[0] {
        // A path, or a name like one, is one server's.
        case .unix, .unixAbstract: return []
        case .ip, .host: break
        }
        if servers.all.count > 1 {
            return [
                Finding(
                    .virtualAddress,
                    "one address stands for several servers, and each connection sticks to one of them, which gets "
                        + "all calls of "
                        + "a client: use a headless Service (clusterIP: None) and round_robin, or a proxy that "
                        + "chooses for "
                        + "each call",
                    evidence: [
                        "\(servers.all.count) servers answered on \(servers.newConnections) connections to "
                            + "\(list(addresses)): \(names(servers.all)), by \(servers.namedBy?.text ?? "")",
                        "\(count(servers.callsOnOneConnection, "call")) over one connection reached "
                            + names(servers.onOneConnection),
                    ])
            ]
        }
        var findings = [
            Finding(
                .oneAddress,
                "the name resolves to one address: if several servers stand behind it, each connection sticks to "
                    + "one; use a "
                    + "headless Service (clusterIP: None) and round_robin, or a proxy that chooses for each call",
                evidence: ["\(seen.target): \(list(addresses))"] + met(servers))
        ]
        if servers.namedBy == nil {
            findings.append(
                Finding(
                    .serversUnseen,
                    "how many servers stand behind the address cannot be seen from here, because nothing names them: "
                        + "say what "
                        + "does with --call METHOD --field FIELD, have them answer with x-pod-name, or count them "
                        + "where they "
                        + "run (--cluster)",
                    evidence: ["\(count(servers.callsOnOneConnection, "answer")), none with a name"]))
        }
        return findings
    }

    private static func pickFirst(_ seen: TargetObservation, _ addresses: [SocketAddress]) -> [Finding] {
        // One server may have several addresses: of IPv4 and of IPv6.
        let isOne = seen.servers.namedBy != nil && seen.servers.all.count == 1 && !seen.servers.byRoundRobin.isEmpty
        guard addresses.count > 1, !isOne, seen.policy.name == "pick_first" else { return [] }
        let whose = seen.policy == .assumed ? ", gRPC's own default (--policy says what yours is)" : ""
        return [
            Finding(
                .pickFirst,
                "policy is pick_first\(whose): all calls of a client go to one of the \(addresses.count) addresses; "
                    + "set "
                    + #"round_robin, as in the service config {"loadBalancingConfig": [{"round_robin": {}}]}"#,
                evidence: ["\(addresses.count) addresses: \(list(addresses))"] + met(seen.servers))
        ]
    }

    private static func met(_ servers: ServersObservation) -> [String] {
        guard let naming = servers.namedBy else { return [] }
        let one =
            "\(count(servers.callsOnOneConnection, "call")) over one connection: \(names(servers.onOneConnection))"
        let spread = "\(count(servers.callsByRoundRobin, "call")) by round_robin: \(names(servers.byRoundRobin))"
        let others = "\(count(servers.newConnections, "new connection")) reached \(names(servers.onNewConnections))"
        return [one + " (by \(naming.text))"] + (servers.byRoundRobin.isEmpty ? [] : [spread])
            + (servers.onNewConnections.isEmpty ? [] : [others])
    }

    // MARK: The watch

    private static func calls(_ seen: TargetObservation) -> [Finding] {
        // Whose health check fails by itself, is said of it.
        let isTold = seen.addresses.contains { if case .failed? = $0.health { true } else { false } }
        guard let watch = seen.watch, watch.failedCalls > 0, !isTold else { return [] }
        return [
            Finding(
                .callsFail,
                "calls failed though connections had begun well: servers went away or hang, or something in between "
                    + "cuts connections; compare the time with the servers' logs and restarts",
                evidence: [
                    "\(watch.failedCalls) of \(count(watch.calls, "call")) failed, the last one with "
                        + (watch.lastFailure ?? "no reason")
                ])
        ]
    }

    private static func broken(_ seen: TargetObservation) -> [Finding] {
        let breaks = (seen.watch?.closings ?? []).filter { !$0.isGraceful }
        guard !breaks.isEmpty else { return [] }
        let more = breaks.count - mostNamed
        return [
            Finding(
                .connectionsBreak,
                "connections ended without a word of farewell (GOAWAY) or with an error, and calls on them are lost: the "
                    + "server crashed or was killed, or something in between has a time-out; servers that end in order "
                    + "drain calls first",
                evidence: breaks.prefix(mostNamed).map { "\($0.address) after \(time($0.age)): \($0.reason)" }
                    + (more > 0 ? ["and \(more) more"] : []))
        ]
    }

    private static func age(_ seen: TargetObservation) -> [Finding] {
        guard let watch = seen.watch, !watch.closings.contains(where: \.isGraceful), !seen.sourceTells,
            !seen.servers.spreadPerCall, !seen.isStatic
        else { return [] }
        let word = watch.closings.isEmpty ? "closed" : "closed in order"
        return [
            Finding(
                .connectionsStay,
                "no connection was \(word) in \(time(watch.wanted)) (--watch D): if the servers never do, new pods "
                    + "are found only when one fails; set the servers' max_connection_age (grpc.max_connection_age_ms, "
                    + "MaxConnectionAge; here MAX_CONNECTION_AGE), to 30s for instance",
                evidence: ["\(count(watch.calls, "call")) meanwhile, \(watch.failedCalls) failed"])
        ]
    }

    // MARK: Words

    /// `60 s`, not a minute: it is what was typed.
    static func time(_ duration: Duration) -> String {
        let (seconds, rest) = duration.components
        return rest == 0 ? "\(seconds) s" : DurationText.format(duration)
    }

    private static let mostNamed = 5

    static func list(_ addresses: [SocketAddress]) -> String { names(addresses.map(\.description)) }

    static func names(_ names: Set<String>) -> String { self.names(names.sorted()) }

    private static func names(_ names: [String]) -> String {
        let shown = names.prefix(mostNamed).joined(separator: ", ")
        return names.count > mostNamed ? "\(shown) and \(names.count - mostNamed) more" : shown
    }

    package static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
}
