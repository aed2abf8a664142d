import Bytes

/// Something that the doctor has to say: what is so, which setting changes it, and the numbers that show it.
package struct Finding: Hashable, Sendable {
    package let id: FindingID
    /// Whole by itself: what is found, what follows from it, what to set.
    package let sentence: String
    /// What was seen, with numbers.
    package let evidence: [String]
    /// Of a cluster: `Service default/orders`, and the field in it: `spec.selector`.
    package let object: String?
    package let field: String?

    package var severity: FindingSeverity { id.severity }

    package init(
        _ id: FindingID, _ sentence: String, evidence: [String] = [], object: String? = nil, field: String? = nil
    ) {
        self.id = id
        // Peers have their words in all of them, and no peer decides how much is told.
        self.sentence = PrintableText.shortened(sentence)
        self.evidence = evidence.map(PrintableText.shortened)
        self.object = object.map(PrintableText.shortened)
        self.field = field.map(PrintableText.shortened)
    }
}

package enum FindingSeverity: String, CaseIterable, Comparable, Sendable {
    /// Calls fail.
    case error
    /// Calls go through, and not to everybody, or not when pods come and go.
    case warning
    /// Something that cannot be seen from here, or that others need.
    case note

    package static func < (left: FindingSeverity, right: FindingSeverity) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}

/// What can be found. The names are for scripts, and stay.
package enum FindingID: String, CaseIterable, Sendable {
    // The name
    case nameNotFound = "name-not-found"
    case nameHasNoAddress = "name-has-no-address"
    case nameServerFails = "name-server-fails"
    case oneAddress = "one-address"
    case serversUnseen = "servers-unseen"
    case virtualAddress = "virtual-address"

    // The way there
    case connectionRefused = "connection-refused"
    case noAnswer = "no-answer"
    case unreachable = "unreachable"
    case closesAtOnce = "closes-at-once"
    case saysNothing = "says-nothing"
    case speaksHTTP1 = "speaks-http1"
    case speaksOther = "speaks-other"

    // TLS
    case wantsTLS = "wants-tls"
    case speaksPlaintext = "speaks-plaintext"
    case certificateName = "certificate-name"
    case certificateAuthority = "certificate-authority"
    case certificateTime = "certificate-time"
    case clientCertificate = "client-certificate"
    case noHTTP2 = "no-http2"
    case tlsFails = "tls-fails"

    // Answers
    case notServing = "not-serving"
    case serviceUnknown = "service-unknown"
    case healthMissing = "health-missing"
    case healthFails = "health-fails"
    case callFails = "call-fails"

    // What becomes of calls and connections
    case callsFail = "calls-fail"
    case connectionsBreak = "connections-break"
    case pickFirst = "pick-first"
    case connectionsStay = "connections-stay"
    case podUnready = "pod-unready"
    case podUnknown = "pod-unknown"
    case gatewayFails = "gateway-fails"

    // A cluster's objects
    case serviceMissing = "service-missing"
    case selectsNothing = "selects-nothing"
    case noPods = "no-pods"
    case noEndpoints = "no-endpoints"
    case portUnknown = "port-unknown"
    case targetPortUnknown = "target-port-unknown"
    case targetPortUndeclared = "target-port-undeclared"
    case portTranslated = "port-translated"
    case readinessFails = "readiness-fails"
    case imageMissing = "image-missing"
    case crashes = "crashes"
    case unschedulable = "unschedulable"
    case policyForbids = "policy-forbids"
    case notHeadless = "not-headless"
    case ageOff = "age-off"

    package var severity: FindingSeverity {
        switch self {
        case .nameNotFound, .nameHasNoAddress, .nameServerFails, .connectionRefused, .noAnswer, .unreachable,
            .closesAtOnce, .saysNothing, .speaksHTTP1, .speaksOther, .wantsTLS, .speaksPlaintext, .certificateName,
            .certificateAuthority, .certificateTime, .clientCertificate, .noHTTP2, .tlsFails, .notServing,
            .serviceUnknown, .healthFails, .callFails, .callsFail, .podUnready, .gatewayFails, .serviceMissing,
            .selectsNothing,
            .noPods,
            .noEndpoints, .portUnknown, .targetPortUnknown, .targetPortUndeclared, .portTranslated, .readinessFails,
            .imageMissing,
            .crashes, .unschedulable, .policyForbids:
            .error
        case .oneAddress, .virtualAddress, .connectionsBreak, .pickFirst, .connectionsStay, .podUnknown, .notHeadless,
            .ageOff:
            .warning
        case .serversUnseen, .healthMissing: .note
        }
    }
}
