import HTTP2
import RPCClient
import RPCCore
import RPCMetrics
import RPCTransport
import Telemetry
import Testing

@Suite struct ClientMetricsTests {
    private let registry = MetricRegistry()
    private let echo = MethodDescriptor(service: "test.Service", method: "Echo")
    private let labels = #"grpc_method="test.Service/Echo",grpc_target="dns:///pods:8080""#

    private func metrics() -> ClientMetrics { ClientMetrics(registry, target: "dns:///pods:8080") }

    private func summary(_ status: StatusCode, sent: Int = 5, received: Int = 0) -> CallSummary {
        CallSummary(
            status: status, duration: .milliseconds(250), sentMessageBytes: sent, receivedMessageBytes: received)
    }

    /// A transparent retry is an attempt more of the same call.
    @Test func attemptsAndCallsAreCountedApart() {
        let metrics = metrics()
        let call = metrics.callBegan(echo, Metadata())
        call?.attemptBegan()?.ended(summary(.unavailable))
        call?.attemptBegan()?.ended(summary(.ok, received: 100))
        call?.ended(.ok, .milliseconds(500))
        _ = metrics.attempt(echo)
        let samples = samples(registry)
        #expect(samples["grpc_client_attempt_started_total{\(labels)}"] == 3)
        #expect(samples["grpc_client_attempt_duration_seconds_count{\(labels),grpc_status=\"UNAVAILABLE\"}"] == 1)
        #expect(samples["grpc_client_attempt_duration_seconds_count{\(labels),grpc_status=\"OK\"}"] == 1)
        #expect(samples["grpc_client_attempt_duration_seconds_sum{\(labels),grpc_status=\"OK\"}"] == 0.25)
        #expect(samples["grpc_client_call_duration_seconds_count{\(labels),grpc_status=\"OK\"}"] == 1)
        #expect(samples["grpc_client_call_duration_seconds_sum{\(labels),grpc_status=\"OK\"}"] == 0.5)
        #expect(samples["grpc_client_call_duration_seconds_count{\(labels),grpc_status=\"UNAVAILABLE\"}"] == nil)
        let ok = "{\(labels),grpc_status=\"OK\"}"
        #expect(samples["grpc_client_attempt_sent_total_compressed_message_size_bytes_sum\(ok)"] == 5)
        #expect(samples["grpc_client_attempt_rcvd_total_compressed_message_size_bytes_sum\(ok)"] == 100)
    }

    @Test(arguments: StatusCode.allCases) func everyStatusHasItsSeries(status: StatusCode) {
        let metrics = metrics()
        let call = metrics.callBegan(echo, Metadata())
        for _ in 0..<2 { call?.attemptBegan()?.ended(summary(status)) }
        call?.ended(status, .zero)
        let samples = samples(registry)
        let labels = "{\(labels),grpc_status=\"\(status.name)\"}"
        #expect(samples["grpc_client_attempt_duration_seconds_count\(labels)"] == 2)
        #expect(samples["grpc_client_call_duration_seconds_count\(labels)"] == 1)
    }

    @Test func methodsThatTakeTurnsAreCountedApart() {
        let metrics = metrics()
        let wait = MethodDescriptor(service: "test.Service", method: "Wait")
        for method in [echo, wait, echo, echo, wait] { _ = metrics.attempt(method) }
        let samples = samples(registry)
        #expect(samples["grpc_client_attempt_started_total{\(labels)}"] == 3)
        let other = labels.replacing("Echo", with: "Wait")
        #expect(samples["grpc_client_attempt_started_total{\(other)}"] == 2)
    }

    @Test func connectionsAreCountedFromZero() {
        let metrics = metrics()
        let target = #"{grpc_target="dns:///pods:8080"}"#
        let before = samples(registry)
        for name in ["connection_attempts_succeeded_total", "connection_attempts_failed_total", "open_connections"] {
            #expect(before["grpc_subchannel_\(name)\(target)"] == 0)
        }
        for _ in 0..<3 { metrics.connectionAttemptSucceeded() }
        metrics.connectionAttemptFailed()
        metrics.disconnected(.goAway(.noError))
        metrics.disconnected(.connectionReset)
        let after = samples(registry)
        #expect(after["grpc_subchannel_connection_attempts_succeeded_total\(target)"] == 3)
        #expect(after["grpc_subchannel_connection_attempts_failed_total\(target)"] == 1)
        #expect(after["grpc_subchannel_open_connections\(target)"] == 1)
        let lost = #"grpc_subchannel_disconnections_total{grpc_target="dns:///pods:8080",grpc_disconnect_error="#
        #expect(after["\(lost)\"GOAWAY NO_ERROR\"}"] == 1)
        #expect(after["\(lost)\"connection reset\"}"] == 1)
    }

    /// Each loop of the gateway has a channel of its own to the same target.
    @Test func channelsToOneTargetAreAddedUp() {
        for _ in 0..<3 {
            let metrics = metrics()
            metrics.attempt(echo)?.ended(summary(.ok))
            metrics.connectionAttemptSucceeded()
        }
        let samples = samples(registry)
        #expect(samples["grpc_client_attempt_started_total{\(labels)}"] == 3)
        #expect(samples["grpc_client_attempt_duration_seconds_count{\(labels),grpc_status=\"OK\"}"] == 3)
        #expect(samples["grpc_subchannel_open_connections{grpc_target=\"dns:///pods:8080\"}"] == 3)
    }

    /// gRFC A66, "Buckets for histograms in default views".
    @Test func theBucketsAreThoseOfA66() {
        metrics().attempt(echo)?.ended(summary(.ok))
        let lines = String(decoding: registry.text, as: UTF8.self).split(separator: "\n")
        let bounds = { (name: String) in
            lines.filter { $0.hasPrefix("\(name)_bucket{") }
                .compactMap { $0.split(separator: "le=\"").last?.split(separator: "\"").first }.compactMap {
                    Double($0)
                }
        }
        #expect(
            bounds("grpc_client_attempt_duration_seconds") == [
                0, 0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008,
                0.01, 0.013, 0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4,
                0.5, 0.65, 0.8, 1, 2, 5, 10, 20, 50, 100, .infinity,
            ])
        #expect(
            bounds("grpc_client_attempt_sent_total_compressed_message_size_bytes") == [
                0, 1024, 2048, 4096, 16384, 65536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864, 268_435_456,
                1_073_741_824, 4_294_967_296, .infinity,
            ])
    }
}

extension ClientMetrics {
    fileprivate func attempt(_ method: MethodDescriptor) -> (any ClientAttemptTracer)? {
        callBegan(method, Metadata())?.attemptBegan()
    }
}
