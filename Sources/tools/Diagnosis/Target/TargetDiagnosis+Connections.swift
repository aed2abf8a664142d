import Addresses
import Timing

/// What keeps connections from coming about: one finding for each cause, whichever addresses have it.
extension TargetDiagnosis {
    static func connections(_ seen: TargetObservation) -> [Finding] {
        var causes: [(id: FindingID, members: [AddressObservation])] = []
        for observed in seen.addresses {
            guard let id = cause(observed) else { continue }
            if let index = causes.firstIndex(where: { $0.id == id }) {
                causes[index].members.append(observed)
            } else {
                causes.append((id, [observed]))
            }
        }
        return causes.map { cause in
            Finding(
                cause.id, "\(subject(cause.members, of: seen)) \(sentence(cause.id, seen, cause.members))",
                evidence: cause.members.map(evidence))
        }
    }

    /// nil: all is well.
    private static func cause(_ seen: AddressObservation) -> FindingID? {
        switch (seen.outcome, seen.otherwise) {
        case (.ready, _): nil
        case (_, .tls?): .wantsTLS
        case (.spoke(.tls), _): .wantsTLS
        case (.refused, _): .connectionRefused
        case (.unreachable, _): .unreachable
        case (.noAnswer, _): .noAnswer
        case (_, .plaintext(.http2)?): .speaksPlaintext
        case (_, .plaintext(.http1)?), (.spoke(.http1), _): .speaksHTTP1
        case (.silent, _): .saysNothing
        case (.closed, _): .closesAtOnce
        case (.spoke, _): .speaksOther
        case (.tls(let trouble, _), _):
            switch trouble {
            case .wrongName: .certificateName
            case .unknownAuthority: .certificateAuthority
            case .wrongTime: .certificateTime
            case .clientCertificate: .clientCertificate
            case .noCommonProtocol: .noHTTP2
            case .plaintext: .speaksPlaintext
            case .other: .tlsFails
            }
        }
    }

    private static func subject(_ members: [AddressObservation], of seen: TargetObservation) -> String {
        if members.count == 1, let only = members.first { return "\(only.address)" }
        return members.count == seen.addresses.count
            ? "each of the \(members.count) addresses"
            : "each of \(members.count) addresses (of \(seen.addresses.count))"
    }

    /// What follows the subject.
    private static func sentence(
        _ id: FindingID, _ seen: TargetObservation, _ members: [AddressObservation]
    ) -> String {
        switch id {
        case .connectionRefused where members.allSatisfy { $0.address.isPath }:
            "takes no connections: no process listens at that path; see whether the server runs, has the same path, and "
                + "shares the directory with this one (a volume, a mount), and whether this user may write to the socket"
        case .connectionRefused:
            "refuses connections: nothing listens on that port there; compare the target's port with the one that "
                + "the server "
                + "listens on (and not on 127.0.0.1 alone), in a cluster the Service's port and targetPort"
        case .noAnswer:
            "does not answer: a policy, a firewall or a wrong address; in a cluster a NetworkPolicy, which --cluster "
                + "names"
        case .unreachable:
            "cannot be reached from here: this machine has no route there, or a firewall rejects; a pod's address is known within its "
                + "cluster only "
                + "(run this in a pod, or use kubectl port-forward)"
        case .saysNothing:
            "takes connections and says nothing: the server hangs, or something in between takes connections whose "
                + "server is "
                + "gone (a forwarder, a load balancer with an unhealthy backend); look at the server's process"
        case .closesAtOnce:
            "takes connections and closes them without a word: something in between has no server to give them to (a "
                + "load "
                + "balancer, kubectl port-forward to a wrong port), or the server ends"
        case .speaksHTTP1:
            "answers gRPC's HTTP/2 with HTTP/1.1: an HTTP/1.1 server, or a proxy in between; have the proxy speak "
                + "HTTP/2 on both "
                + "sides (nginx: listen … http2 and grpc_pass; Envoy: http2_protocol_options; a Service: appProtocol "
                + "kubernetes.io/h2c), or name the server's own port"
        case .speaksOther:
            "speaks neither HTTP/2 nor TLS: the port belongs to another service; correct the target's port"
        case .wantsTLS:
            "speaks TLS, and is called in clear text: call it with TLS credentials (here --tls, or --tls-ca FILE for "
                + "an authority "
                + "of your own)"
        case .speaksPlaintext:
            "speaks clear text, and is called over TLS: call it without (insecure credentials; here without --tls), "
                + "or give the "
                + "server a certificate"
        case .certificateName:
            "has a certificate for other names than \(seen.serverName ?? "the target's"): call it by one of them, "
                + "set the name "
                + "that is expected (--tls-server-name, grpc.ssl_target_name_override), or have it issued for this "
                + "one too"
        case .certificateAuthority:
            "has a certificate that nobody known here has signed: give the authority's (--tls-ca FILE, root "
                + "certificates of the "
                + "channel's credentials)"
        case .certificateTime: "has a certificate out of its time: renew it, or set this machine's clock"
        case .clientCertificate:
            "asks for a client certificate (mutual TLS): show one that it believes (--tls-certificate FILE --tls-key "
                + "FILE)"
        case .noHTTP2:
            "agrees on TLS and not on HTTP/2: its ALPN has no h2; switch HTTP/2 on there (nginx: listen … ssl http2; "
                + "Envoy: "
                + "alpn_protocols: h2)"
        default:
            "speaks TLS, and the handshake fails: the reason says whose setting it is, of versions (TLS 1.2 or 1.3), "
                + "ciphers, or a "
                + "certificate that one side does not take"
        }
    }

    private static func evidence(_ seen: AddressObservation) -> String {
        "\(seen.address): \(text(seen.outcome, seen.took))" + (seen.otherwise.map { "; \(text($0))" } ?? "")
    }

    private static func text(_ outcome: ConnectionOutcome, _ took: Duration) -> String {
        switch outcome {
        case .ready: "ready after \(milliseconds(took))"
        case .refused: "connection refused after \(milliseconds(took))"
        case .unreachable(let reason): reason
        case .noAnswer(let time): "no answer within \(DurationText.format(time))"
        case .silent(let time): "connected, and no byte within \(DurationText.format(time))"
        case .closed(let reason): "\(reason), after \(milliseconds(took))"
        case .spoke(.http1(let line)): line
        case .spoke(.tls): "a TLS record in answer to HTTP/2"
        case .spoke(.http2): "HTTP/2"
        case .spoke(.other(let start)): "its first bytes are \"\(start)\""
        case .tls(_, let reason): reason
        }
    }

    private static func text(_ other: OtherWay) -> String {
        switch other {
        case .plaintext(.http2): "in clear text it speaks HTTP/2"
        case .plaintext(.http1(let line)): "in clear text it says \(line)"
        case .plaintext: "in clear text it says something else"
        case .tls(let tls): "over TLS: \(TargetDiagnosis.text(tls))"
        }
    }

    /// `TLSv1.3, ALPN h2, certificate for localhost, 127.0.0.1, by /CN=authority, until 2026-…`
    package static func text(_ tls: TLSObservation) -> String {
        var parts = tls.version.isEmpty ? [] : [tls.version]
        parts.append(tls.applicationProtocol.map { "ALPN \($0)" } ?? "no protocol agreed (ALPN)")
        if let names = tls.names { parts.append("certificate for \(names)") }
        if let issuer = tls.issuer { parts.append("by \(issuer)") }
        if let notAfter = tls.notAfter { parts.append("until \(notAfter)") }
        return parts.joined(separator: ", ")
    }

    /// With one decimal below 10 ms.
    package static func milliseconds(_ duration: Duration) -> String {
        let tenths = (duration.nanoseconds + 50_000) / 100_000
        return tenths < 100 ? "\(tenths / 10).\(tenths % 10) ms" : "\((tenths + 5) / 10) ms"
    }
}

extension SocketAddress {
    fileprivate var isPath: Bool {
        switch self {
        case .unix, .unixAbstract: true
        case .ip, .host: false
        }
    }
}
