import Settings
import Testing

@Suite struct MisspeltVariablesTests {
    private let known = [
        "LOAD_BALANCING_POLICY", "LOG_LEVEL", "POD_IP", "POD_NAME", "MAX_CONNECTION_AGE", "MAX_CONNECTION_IDLE",
        "TLS_KEY",
        "GRPC_TARGET",
    ]

    private func meant(_ variable: String) -> String? {
        MisspeltVariables.find(among: [variable], known: known).first?.meant
    }

    @Test(arguments: [
        ("LOAD_BALANCING_POLCY", "LOAD_BALANCING_POLICY"), ("LOADBALANCING_POLICIY", "LOAD_BALANCING_POLICY"),
        ("OLAD_BALANCING_POLICY", "LOAD_BALANCING_POLICY"), ("LOG_LEVLE", "LOG_LEVEL"), ("LOG_LEVELS", "LOG_LEVEL"),
        ("log_level", "LOG_LEVEL"), ("LOG-LEVEL", "LOG_LEVEL"), ("POD_NAM", "POD_NAME"),
        ("MAX_CONNECTIONS_AGE", "MAX_CONNECTION_AGE"), ("GRPC_TARGTE", "GRPC_TARGET"),
    ])
    func aSlipIsNoticed(variable: String, name: String) {
        #expect(meant(variable) == name)
    }

    @Test(arguments: [
        "LOAD_BALANCING_POLICY", "POD_IPS", "POD_UID", "POD_ID", "NODE_NAME", "TLS_KEYS", "PATH", "LOGNAME", "LOG_PATH",
        "GRPC_TRACE", "GRPC_PORT", "MAX_CONNECTIONS", "MAX_CONNECTION_AGE_GRACE", "LOG_LEVEL_\n", "POD_FAMES\u{1b}",
        "SAMPLE_SERVICE_GRPC_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "",
    ])
    func whatIsOursOrAnothersIsNot(variable: String) {
        #expect(meant(variable) == nil)
    }

    @Test func aMessageSaysWhatWasMeant() {
        let slips = MisspeltVariables.find(among: ["LOG_LEVLE", "GRPC_TARGETS", "HOME"], known: known)
        #expect(slips.map(\.name) == ["GRPC_TARGETS", "LOG_LEVLE"])
        #expect(
            slips.first?.description
                == "the variable GRPC_TARGETS is set, which nobody reads; did you mean GRPC_TARGET?")
    }
}

@Suite struct EditDistanceTests {
    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("abc", "acb", 1), ("ca", "abc", 3),
        ("same", "same", 0),
    ])
    func distances(left: String, right: String, distance: Int) {
        #expect(EditDistance.between(left, right) == distance)
        #expect(EditDistance.between(right, left) == distance)
    }

    @Test func theNearestIsNoOtherWord() {
        #expect(EditDistance.nearest(to: "sttaus", among: ["start", "status"]) == "status")
        #expect(EditDistance.nearest(to: "fly", among: ["start", "status"]) == nil)
        #expect(EditDistance.nearest(to: "fly", among: []) == nil)
    }
}
