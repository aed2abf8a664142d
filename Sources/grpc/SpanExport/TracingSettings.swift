package import Settings

/// What a service can be told of tracing, under the names that OpenTelemetry gives it; times are milliseconds, as it has them.
package enum TracingSettings {
    package enum Sampler: String, CaseIterable, Sendable {
        case alwaysOn = "always_on"
        case alwaysOff = "always_off"
        case ratio = "traceidratio"
        case parentOn = "parentbased_always_on"
        case parentOff = "parentbased_always_off"
        case parentRatio = "parentbased_traceidratio"
    }

    package enum Compression: String, CaseIterable, Sendable {
        case none, gzip
    }

    package enum Exporter: String, CaseIterable, Sendable {
        case otlp, none
    }

    /// OTLP's two other protocols are HTTP's.
    package enum TransferProtocol: String, CaseIterable, Sendable {
        case grpc
    }

    static let endpoint = Setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT", .string("URL"), default: "",
        help:
            "Export spans to this collector, over OTLP/gRPC: http://host:4317, or https://…; without it there are none."
    )
    static let tracesEndpoint = Setting(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", .string("URL"), default: "", help: "The same; it wins if both are given.")
    static let headers = Setting(
        "OTEL_EXPORTER_OTLP_HEADERS", .string("PAIRS"), default: "",
        help: "Metadata of each export, such as api-key=…,tenant=…; values percent-encoded.")
    static let tracesHeaders = Setting(
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS", .string("PAIRS"), default: "", help: "The same; it wins if both are given."
    )
    static let certificate = Setting(
        "OTEL_EXPORTER_OTLP_CERTIFICATE", .string("FILE"), default: "",
        help: "With https: believe collectors whose certificates one of these authorities has signed (PEM); without it,"
            + " those that the system believes.")
    static let tracesCertificate = Setting(
        "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", .string("FILE"), default: "",
        help: "The same; it wins if both are given.")
    static let timeout = Setting(
        "OTEL_EXPORTER_OTLP_TIMEOUT", .integer(1...600_000), placeholder: "MILLISECONDS", default: 10_000,
        help: "How long one export may take.")
    static let compression = Setting(
        "OTEL_EXPORTER_OTLP_COMPRESSION", .choice, default: Compression.none, help: "Of what is exported.")
    static let transferProtocol = Setting(
        "OTEL_EXPORTER_OTLP_PROTOCOL", .choice, default: TransferProtocol.grpc,
        help: "There is no other here: a collector that takes OTLP over HTTP has a port for gRPC as well.")
    static let exporter = Setting(
        "OTEL_TRACES_EXPORTER", .choice, default: Exporter.otlp, help: "none: export no spans, whatever else is said.")
    static let isDisabled = Setting(
        "OTEL_SDK_DISABLED", .boolean, default: false, help: "Export no spans, whatever else is said.")
    static let sampler = Setting(
        "OTEL_TRACES_SAMPLER", .choice, default: Sampler.parentOn,
        help: "Which traces are recorded; parentbased: those that begin elsewhere as it is said there.")
    static let samplerArgument = Setting(
        "OTEL_TRACES_SAMPLER_ARG", .ratio, default: 1, help: "With traceidratio: the share of traces, from 0 to 1.")
    static let serviceName = Setting(
        "OTEL_SERVICE_NAME", .string("NAME"), default: "",
        help: "What spans call this service; the program's name if not given.")
    static let resourceAttributes = Setting(
        "OTEL_RESOURCE_ATTRIBUTES", .string("PAIRS"), default: "",
        help: "What else spans say of this service, such as deployment.environment.name=test.")
    static let delay = Setting(
        "OTEL_BSP_SCHEDULE_DELAY", .integer(0...3_600_000), placeholder: "MILLISECONDS", default: 5_000,
        help: "How long a span waits for others to be exported with it.")
    static let queue = Setting(
        "OTEL_BSP_MAX_QUEUE_SIZE", .integer(1...1_000_000), default: 2_048,
        help: "Spans that wait to be exported, of 4MiB at most; further ones are dropped.")
    static let batch = Setting(
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", .integer(1...100_000), default: 512, help: "Spans in one export at most.")

    package static let all: [any AnySetting] = [
        endpoint, tracesEndpoint, headers, tracesHeaders, certificate, tracesCertificate, timeout, compression,
        transferProtocol, exporter, isDisabled,
        sampler, samplerArgument, serviceName, resourceAttributes, delay, queue, batch,
    ]
}

extension SettingKind<Double> {
    /// From 0 to 1.
    fileprivate static var ratio: SettingKind {
        SettingKind(
            placeholder: "NUMBER", expectation: "a number from 0 to 1, such as 0.1",
            parse: { text in Double(text).flatMap { (0...1).contains($0) ? $0 : nil } },
            format: { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" })
    }
}
