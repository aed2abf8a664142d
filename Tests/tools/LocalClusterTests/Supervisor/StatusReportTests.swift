import JSON
import LocalCluster
import Terminal
import Testing
import Timing

@Suite struct StatusReportTests {
    private let report = StatusReport(
        name: "sample-service", mode: "headless", policy: "round_robin", target: "dns:///x", port: 31234,
        dns: "127.69.0.53:5353", dnsCache: "127.69.0.54:5353", isReady: false, isStopping: false,
        pods: [
            StatusReport.Pod(
                component: "grpc", name: "sample-service-grpc-a-b", isReady: true, status: "Running", restarts: 0,
                age: 75, address: "127.69.1.1", pid: 4711, lastEnd: nil, isOutdated: true,
                dns: .listed(since: Instant(nanoseconds: 5)), gracePeriod: 105),
            StatusReport.Pod(
                component: "nginx", name: "nginx", isReady: false, status: "CrashLoopBackOff", restarts: 12, age: 700,
                address: "127.69.1.2", pid: nil, lastEnd: "exit status 1"),
        ])

    @Test func itSurvivesTheControlSocket() throws {
        #expect(StatusReport(try JSONParser.parse(report.json.text)) == report)
        #expect(StatusReport(try JSONParser.parse(#"{"name":"x"}"#)) == nil)
        var uncached = report
        uncached.dnsCache = nil
        #expect(StatusReport(try JSONParser.parse(uncached.json.text)) == uncached)
        #expect(report.resolver == "127.69.0.54:5353" && uncached.resolver == "127.69.0.53:5353")
    }

    @Test func aPodThatCanBeAskedIsAReadyOneIfThereIsOne() {
        #expect(report.grpcAddress == "127.69.1.1:8080")
        var other = report
        other.pods.removeFirst()
        #expect(other.grpcAddress == nil)
        var first = report.pods[0]
        first.isReady = false
        first.address = "127.69.1.3"
        other.pods.append(first)
        #expect(other.grpcAddress == "127.69.1.3:8080")
        other.pods.append(report.pods[0])
        #expect(other.grpcAddress == "127.69.1.1:8080")
    }

    @Test func aSidecarIsAContainerOfItsPod() throws {
        var other = report
        other.pods[0].sidecars = [true]
        other.pods[1].sidecars = [true]
        #expect(StatusReport(try JSONParser.parse(other.json.text)) == other)
        let lines = other.table.text.split(separator: "\n")
        #expect(lines[1].contains(" 2/2 ") && lines[2].contains(" 1/2 "))
    }

    @Test func theTableLooksLikeKubectls() {
        #expect(
            report.table.text == """
                NAME                      READY   STATUS             RESTARTS   AGE   IP           PID
                sample-service-grpc-a-b   1/1     Running            0          75s   127.69.1.1   4711
                nginx                     0/1     CrashLoopBackOff   12         11m   127.69.1.2   <none>

                """)
    }
}
