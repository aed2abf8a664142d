import Events
import RPCClient
import RPCCore
import RPCMetrics
import RPCServer
import RPCTestSupport
import Telemetry
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ServerMetricsTests {
    private let registry = MetricRegistry()
    private let echo = #"grpc_method="test.Service/Echo""#

    @Test func whatTheClientCountsTheServerCounts() async throws {
        let registry = registry
        try await withLoop { loop in
            let server = try RPCServer.onLoop(
                loop, RPCRouter(echoing: nil), tracers: [ServerMetrics(registry)])
            let channel = Channel.to(
                [server.address], on: loop, tracers: [ClientMetrics(registry, target: "test")])
            #expect(await channel.callMany(100, lanes: 5).isEmpty)
            await channel.end(with: server)
        }
        let samples = samples(registry)
        #expect(samples["grpc_server_call_started_total{\(echo)}"] == 100)
        for (server, client) in [
            ("server_call_duration_seconds_count", "client_attempt_duration_seconds_count"),
            (
                "server_call_sent_total_compressed_message_size_bytes_sum",
                "client_attempt_rcvd_total_compressed_message_size_bytes_sum"
            ),
            (
                "server_call_rcvd_total_compressed_message_size_bytes_sum",
                "client_attempt_sent_total_compressed_message_size_bytes_sum"
            ),
        ] {
            let value = samples["grpc_\(server){\(echo),grpc_status=\"OK\"}"]
            #expect(value != nil)
            #expect(value == samples["grpc_\(client){\(echo),grpc_target=\"test\",grpc_status=\"OK\"}"])
        }
    }

    /// A client makes up methods, and must not choose the number of series with them.
    @Test func unknownMethodsAreOne() async throws {
        let registry = registry
        try await withLoop { loop in
            let server = try RPCServer.onLoop(
                loop, RPCRouter(echoing: nil), tracers: [ServerMetrics(registry)])
            let channel = Channel.to([server.address], on: loop)
            for number in 0..<50 {
                let method = MethodDescriptor(service: "test.Service", method: "Made\(number)Up")
                #expect(await channel.call(method).error?.code == .unimplemented)
            }
            await channel.end(with: server)
        }
        let samples = samples(registry)
        #expect(samples["grpc_server_call_started_total{grpc_method=\"other\"}"] == 50)
        let other = #"{grpc_method="other",grpc_status="UNIMPLEMENTED"}"#
        #expect(samples["grpc_server_call_duration_seconds_count\(other)"] == 50)
        #expect(samples.count { $0.key.contains("_started_total") } == 1)
    }
}

extension Channel {
    fileprivate func end(with server: RPCServer) async {
        shutdown()
        await server.stop(grace: .zero)
        await end()
    }
}
