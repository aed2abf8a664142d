import Addresses
import Diagnosis
import JSON
import Testing

/// One target, as an examination may have seen it: changed by a test, and judged.
func target(_ count: Int = 3, _ change: (inout TargetObservation) -> Void = { _ in }) -> TargetObservation {
    let addresses = (1...count).map { SocketAddress.ip(.v4(0x7f00_0100 + UInt32($0)), port: 50051) }
    var seen = TargetObservation(
        target: "dns:///orders:50051",
        resolution: .found(addresses, timeToLive: .seconds(5), took: .milliseconds(2)))
    seen.policy = .known("round_robin")
    seen.addresses = addresses.map { address in
        var observed = AddressObservation(address, .ready, took: .milliseconds(1))
        observed.health = .serving
        return observed
    }
    seen.servers.namedBy = .podName
    seen.servers.callsOnOneConnection = 20
    seen.servers.onOneConnection = ["a"]
    seen.servers.byRoundRobin = Set(["a", "b", "c"].prefix(count))
    var watch = WatchObservation(wanted: .seconds(60), lasted: .seconds(30))
    watch.calls = 240
    watch.closings = [.init(addresses[0], reason: "max_age", age: .seconds(30), isGraceful: true)]
    seen.watch = watch
    change(&seen)
    return seen
}

func ids(_ seen: TargetObservation) -> [FindingID] { TargetDiagnosis.findings(seen).map(\.id) }

/// As if each address had begun like this.
func began(_ outcome: ConnectionOutcome, otherwise: OtherWay? = nil, isEncrypted: Bool = false) -> TargetObservation {
    target {
        $0.serverName = isEncrypted ? "orders" : nil
        $0.watch = nil
        $0.servers = ServersObservation()
        for index in $0.addresses.indices {
            $0.addresses[index].outcome = outcome
            $0.addresses[index].otherwise = otherwise
            $0.addresses[index].health = nil
        }
    }
}

let someTLS = TLSObservation(version: "TLSv1.3", applicationProtocol: "h2", names: "orders.test")

let broken = WatchObservation.Closing(
    .ip(.v4(0x7f00_0102), port: 50051), reason: "connection reset by peer", age: .seconds(7), isGraceful: false)

/// What each cause looks like, and nothing else is said of it.
let targetCases: [(expected: FindingID, seen: TargetObservation)] = [
    (.nameNotFound, TargetObservation(target: "dns:///x:1", resolution: .failed(.notFound, "NXDOMAIN"))),
    (.nameHasNoAddress, TargetObservation(target: "dns:///x:1", resolution: .failed(.noAddress, "NODATA"))),
    (.nameServerFails, TargetObservation(target: "dns:///x:1", resolution: .failed(.other, "refused"))),
    (.connectionRefused, began(.refused)),
    (.noAnswer, began(.noAnswer(.seconds(5)))),
    (.unreachable, began(.unreachable("no route to host"))),
    (.saysNothing, began(.silent(.seconds(5)))),
    (.closesAtOnce, began(.closed("reset"))),
    (.speaksHTTP1, began(.spoke(.http1("HTTP/1.1 400 Bad Request")))),
    (.speaksHTTP1, began(.tls(.plaintext, "no TLS"), otherwise: .plaintext(.http1("HTTP/1.1 400")), isEncrypted: true)),
    (.speaksOther, began(.spoke(.other("SSH-2.0")))),
    (.wantsTLS, began(.spoke(.tls))),
    (.wantsTLS, began(.closed("reset"), otherwise: .tls(someTLS))),
    // nginx tells who speaks HTTP to its TLS port so in clear text.
    (.wantsTLS, began(.spoke(.http1("HTTP/1.1 400 Bad Request")), otherwise: .tls(someTLS))),
    (.speaksPlaintext, began(.tls(.plaintext, "no TLS"), otherwise: .plaintext(.http2), isEncrypted: true)),
    (.certificateName, began(.tls(.wrongName, "for b, not for a"), isEncrypted: true)),
    (.certificateAuthority, began(.tls(.unknownAuthority, "unknown"), isEncrypted: true)),
    (.certificateTime, began(.tls(.wrongTime, "expired"), isEncrypted: true)),
    (.clientCertificate, began(.tls(.clientCertificate, "asks for one"), isEncrypted: true)),
    (.noHTTP2, began(.tls(.noCommonProtocol, "no h2"), isEncrypted: true)),
    (.tlsFails, began(.tls(.other, "no common version"), isEncrypted: true)),
    (.notServing, target { $0.addresses[1].health = .notServing }),
    (.serviceUnknown, target { $0.addresses[1].health = .serviceUnknown }),
    (.healthMissing, target { $0.addresses[1].health = .unimplemented }),
    (.healthFails, target { $0.addresses[1].health = .failed("UNAUTHENTICATED: no token") }),
    (.callFails, target { $0.callProblem = "there is no reflection" }),
    (.pickFirst, target { $0.policy = .assumed }),
    (.pickFirst, target { $0.policy = .known("pick_first") }),
    (.connectionsStay, target { $0.watch?.closings = [] }),
    (
        .callsFail,
        target {
            $0.watch?.failedCalls = 200
            $0.watch?.lastFailure = "UNAVAILABLE: connection refused"
        }
    ),
    (.connectionsBreak, target { $0.watch?.closings.append(broken) }),
    (.oneAddress, target(1)),
    (.virtualAddress, target(1) { $0.servers.onNewConnections = ["a", "b"] }),
]

@Suite struct TargetDiagnosisTests {
    @Test func aHealthyTargetHasNothingToReport() {
        #expect(ids(target()) == [])
        let report = DoctorReport(target())
        #expect(report.exitStatus == 0)
        #expect(report.text.hasSuffix("\nnothing to report\n"))
        // What was done all the same.
        for word in ["3 addresses", "3 of 3", "SERVING", "x-pod-name", "240 calls", "max_age"] {
            #expect(report.text.contains(word), "\(word)")
        }
    }

    @Test(arguments: targetCases.indices) func eachCauseIsOneFinding(_ index: Int) {
        let (expected, seen) = targetCases[index]
        #expect(ids(seen) == [expected])
        #expect(DoctorReport(seen).exitStatus == 1)
    }

    @Test(arguments: targetCases.indices) func eachFindingHasASentenceAndEvidence(_ index: Int) {
        for finding in TargetDiagnosis.findings(targetCases[index].seen) {
            #expect(finding.sentence.count > 60)
            #expect(!finding.evidence.isEmpty)
        }
    }

    @Test func serversThatNothingNamesAreNotCounted() {
        let seen = target(1) {
            $0.servers = ServersObservation()
            $0.servers.callsOnOneConnection = 20
        }
        #expect(ids(seen) == [.oneAddress, .serversUnseen])
        let note = TargetDiagnosis.findings(seen).last
        #expect(note?.severity == .note)
        #expect(note?.sentence.contains("--call METHOD --field FIELD") == true)
    }

    /// A proxy that gives each call to another server does what the client's policy need not.
    @Test func aProxyThatChoosesForEachCallIsHealthy() {
        let seen = target(1) {
            $0.policy = .assumed
            $0.servers.onOneConnection = ["a", "b"]
            $0.watch?.closings = []
        }
        #expect(ids(seen) == [])
    }

    @Test func aSourceThatTellsOfChangesNeedsNoConnectionToEnd() {
        let seen = target {
            $0.sourceTells = true
            $0.watch?.closings = []
        }
        #expect(ids(seen) == [])
    }

    @Test func theOneServerOfAPathIsNoFault() {
        let seen = target(1) {
            let path = SocketAddress.unix(path: "/run/orders")
            $0.resolution = .found([path], timeToLive: nil, took: .zero)
            $0.addresses[0].address = path
        }
        #expect(ids(seen) == [])
    }

    @Test func addressesWithTheSameFaultShareAFinding() {
        let seen = target(4) {
            $0.addresses[0].outcome = .refused
            $0.addresses[1].outcome = .refused
            $0.addresses[2].outcome = .noAnswer(.seconds(5))
        }
        let findings = TargetDiagnosis.findings(seen)
        #expect(findings.map(\.id) == [.connectionRefused, .noAnswer])
        #expect(findings[0].sentence.hasPrefix("each of 2 addresses (of 4) refuses"))
        #expect(findings[0].evidence.count == 2)
    }

    @Test func errorsComeBeforeWarningsAndNotes() {
        let seen = target(1) {
            $0.servers.namedBy = nil
            $0.addresses[0].health = .notServing
            $0.watch?.closings = []
        }
        #expect(ids(seen) == [.notServing, .oneAddress, .connectionsStay, .serversUnseen])
    }

    /// What breaks is no end that servers set.
    @Test func connectionsThatBreakAreNoneThatEndInOrder() {
        let seen = target { $0.watch?.closings = [broken] }
        let findings = TargetDiagnosis.findings(seen)
        #expect(findings.map(\.id) == [.connectionsBreak, .connectionsStay])
        #expect(findings[0].evidence == ["127.0.1.2:50051 after 7 s: connection reset by peer"])
        #expect(findings[1].sentence.hasPrefix("no connection was closed in order in 60 s"))
    }

    /// The reason of the failures is told once.
    @Test func aHealthCheckThatFailsByItselfIsNotToldTwice() {
        let seen = target {
            $0.addresses[0].health = .failed("INTERNAL: x")
            $0.watch?.failedCalls = 3
        }
        #expect(ids(seen) == [.healthFails])
    }

    @Test(arguments: [
        "ipv4:127.0.1.1:1,127.0.1.2:1", "unix:/run/orders", "unix-abstract:orders", "ipv6:[::1]:1",
        "dns:///127.0.0.1:1",
        "dns:///127.0.0.1", "dns:///[::1]:1", "dns:///[::1]", "dns:///::1", "passthrough:127.0.0.1:1",
        "dns://127.0.0.1:53/127.0.0.2:1",
    ])
    func aTargetOfAddressesHasNoneToFindLater(_ name: String) {
        let seen = target {
            $0.target = name
            $0.watch?.closings = []
        }
        #expect(ids(seen) == [])
    }

    @Test(arguments: [
        "dns:///orders:1", "dns://127.0.0.1/orders:1", "passthrough:orders:1", "dns:///127.0.0.1.example",
        "dns:///localhost",
    ])
    func aNameMayHaveOthersLater(_ name: String) {
        let seen = target {
            $0.target = name
            $0.watch?.closings = []
        }
        #expect(ids(seen) == [.connectionsStay])
    }

    /// Where nobody looks a name up, nothing is said of selectors and headless Services.
    @Test func aRegistryWithoutPodsIsToldAsOne() throws {
        var seen = TargetObservation(
            target: "etcd:///orders", resolution: .failed(.noAddress, "gateway-1 knows no address"))
        seen.sourceTells = true
        let finding = try #require(TargetDiagnosis.findings(seen).first)
        #expect(
            finding.id == .nameHasNoAddress && finding.sentence.hasPrefix("nobody is entered under etcd:///orders: "))
        seen.sourceTells = false
        #expect(
            TargetDiagnosis.findings(seen).first?.sentence.contains("a headless Service without a ready pod") == true)
    }

    /// A time, or an id of the request.
    @Test func aFieldThatDiffersForEachCallNamesNoServers() {
        let seen = target {
            $0.servers.namedBy = .field(method: "shop.Orders/Get", field: "time")
            $0.servers.onOneConnection = Set((1...20).map { "a\($0)" })
            $0.servers.byRoundRobin = Set((1...9).map { "b\($0)" })
            $0.servers.callsByRoundRobin = 9
        }
        let findings = TargetDiagnosis.findings(seen)
        #expect(findings.map(\.id) == [.callFails])
        #expect(
            findings[0].evidence == [
                "time of shop.Orders/Get had 20 values in 20 calls over one connection: it names calls, not servers"
            ])
        #expect(DoctorReport(seen).facts.contains(.init("servers", "nothing names them")))
    }

    @Test func aPathThatNobodyListensAtHasItsOwnSentence() {
        let seen = target(1) {
            $0.addresses[0].address = .unix(path: "/run/orders")
            $0.addresses[0].outcome = .refused
            $0.addresses[0].health = nil
            $0.watch = nil
            $0.servers = ServersObservation()
        }
        let sentence = TargetDiagnosis.findings(seen).first?.sentence
        #expect(sentence?.contains("no process listens at that path") == true && sentence?.contains("port") == false)
        #expect(
            TargetDiagnosis.findings(began(.unreachable("no route")))[0].sentence.contains("or a firewall rejects"))
    }

    /// localhost, by IPv4 and IPv6.
    @Test func severalAddressesOfOneServerAreNoFault() {
        let seen = target(2) {
            $0.policy = .assumed
            $0.servers.byRoundRobin = ["a"]
        }
        #expect(ids(seen) == [])
        let unnamed = target(2) {
            $0.policy = .assumed
            $0.servers = ServersObservation()
        }
        #expect(ids(unnamed) == [.pickFirst])
    }

    /// A peer's words neither steer a terminal nor fill it.
    @Test func whatPeersSayIsCutAndMadePrintable() {
        let words = "\u{1b}[2J\n" + String(repeating: "x", count: 2 << 20)
        let seen = target {
            $0.target = words
            $0.addresses[0].health = .failed(words)
            $0.servers.byRoundRobin = [words]
        }
        let report = DoctorReport(seen)
        #expect(report.text.utf8.count < 10_000)
        #expect(!report.text.contains("\u{1b}") && report.text.contains(#"\u{1b}[2J\n"#))
        #expect(report.json.serialized.count < 10_000)
    }

    @Test func theWatchTellsItsOwnLength() {
        let seen = target {
            $0.watch?.closings = []
            $0.watch?.wanted = .milliseconds(1500)
        }
        #expect(TargetDiagnosis.findings(seen)[0].sentence.hasPrefix("no connection was closed in 1500ms (--watch D)"))
    }
}
