import Telemetry

/// The four figures that gRFC A66 has of a server's call and of a client's attempt, as OpenTelemetry's exporter writes
/// them for Prometheus: dots become underscores, the unit stands at the end, and a counter ends in `_total`.
struct CallFamilies: Sendable {
    let started: MetricFamily
    let duration: MetricFamily
    let sent: MetricFamily
    let received: MetricFamily

    var all: [MetricFamily] { [started, duration, sent, received] }

    static let server = CallFamilies(
        started: MetricFamily(
            "grpc_server_call_started_total", .counter, help: "RPCs started, including those that have not completed."),
        duration: MetricFamily(
            "grpc_server_call_duration_seconds", .histogram(.grpcLatency),
            help: "Time from a call's head to its answer's end, as the server's transport sees it."),
        sent: MetricFamily(
            "grpc_server_call_sent_total_compressed_message_size_bytes", .histogram(.grpcSize),
            help: "Bytes of all response messages of an RPC, without framing."),
        received: MetricFamily(
            "grpc_server_call_rcvd_total_compressed_message_size_bytes", .histogram(.grpcSize),
            help: "Bytes of all request messages of an RPC, without framing."))

    static let clientAttempt = CallFamilies(
        started: MetricFamily(
            "grpc_client_attempt_started_total", .counter,
            help: "RPC attempts started, including those that have not completed."),
        duration: MetricFamily(
            "grpc_client_attempt_duration_seconds", .histogram(.grpcLatency),
            help: "Time to complete an RPC attempt, including the time it takes to pick a subchannel."),
        sent: MetricFamily(
            "grpc_client_attempt_sent_total_compressed_message_size_bytes", .histogram(.grpcSize),
            help: "Bytes of all request messages of an RPC attempt, without framing."),
        received: MetricFamily(
            "grpc_client_attempt_rcvd_total_compressed_message_size_bytes", .histogram(.grpcSize),
            help: "Bytes of all response messages of an RPC attempt, without framing."))
}

extension HistogramBounds {
    /// A66's for latencies.
    static let grpcLatency = HistogramBounds(seconds: [
        0, 0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01,
        0.013, 0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8,
        1, 2, 5, 10, 20, 50, 100,
    ])

    /// A66's for sizes.
    static let grpcSize = HistogramBounds(bytes: [
        0, 1024, 2048, 4096, 16384, 65536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864, 268_435_456,
        1_073_741_824, 4_294_967_296,
    ])
}
