package import Settings

/// What a service can be told of tracing, under the names that OpenTelemetry gives it; times are milliseconds, as it has them.
///
/// A platform may set these variables for all programs at once, whatever each of them can make of it. So what is no value is
/// told and does not count, as OpenTelemetry has it ("Environment Variable Specification", "Type-specific guidance").
package enum TracingSettings {
    /// What can be said of traces alone (`OTEL_EXPORTER_OTLP_TRACES_…`), which wins, or of all that a program exports.
    struct Pair<Value: Sendable>: Sendable {
        let traces: Setting<Value>
        let general: Setting<Value>

        init(
            _ name: String, _ kind: SettingKind<Value>, placeholder: String? = nil, default defaultValue: Value,
            help: String
        ) {
            general = Setting(
                "OTEL_EXPORTER_OTLP_\(name)", kind, placeholder: placeholder, default: defaultValue, help: help,
                instead: "it is as if it were not set")
            traces = Setting(
                "OTEL_EXPORTER_OTLP_TRACES_\(name)", kind, placeholder: placeholder, default: defaultValue,
                help: "The same; it wins if both are given.", instead: "what \(general.name) says holds instead")
        }

        /// The one that counts. A flag may say nothing on purpose.
        func chosen(_ values: SettingValues) -> Setting<Value> {
            guard let given = values.given(traces), (given as? String)?.isEmpty != true else { return general }
            return traces
        }

        var both: [any AnySetting] { [general, traces] }
    }

    private static func instead(_ text: String) -> String { "the default, \(text), holds instead" }

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

    /// OpenTelemetry's; those that are not offered here mean that spans are to go elsewhere, and so that none are exported.
    package enum Exporter: String, CaseIterable, Sendable {
        case otlp, none, zipkin, console, logging

        static let offered: [Exporter] = [.otlp, .none]
    }

    /// OTLP's; the two that are not offered are HTTP's.
    package enum TransferProtocol: String, CaseIterable, Sendable {
        case grpc
        case protobuf = "http/protobuf"
        case json = "http/json"

        static let offered: [TransferProtocol] = [.grpc]
    }

    /// "It SHOULD support non-negative values between 0 and 2³¹ − 1" (OpenTelemetry's "Common Configuration Specification").
    private static let largest = Int(Int32.max)

    static let endpoint = Pair(
        "ENDPOINT", .string("URL"), default: "",
        help:
            "Export spans to this collector, over OTLP/gRPC: http://host:4317, or https://…; without it there are none."
    )
    static let headers = Pair(
        "HEADERS", .string("PAIRS"), default: "",
        help: "Metadata of each export, such as api-key=…,tenant=…; values percent-encoded.")
    static let certificate = Pair(
        "CERTIFICATE", .string("FILE"), default: "",
        help: "With https: believe collectors whose certificates one of these authorities has signed (PEM); without it,"
            + " those that the system believes.")
    static let timeout = Pair(
        "TIMEOUT", .integer(0...largest), placeholder: "MILLISECONDS", default: 10_000,
        help: "How long one export may take; 0: as long as it likes.")
    static let compression = Pair(
        "COMPRESSION", .choice(of: Compression.allCases), default: .none, help: "Of what is exported.")
    static let transferProtocol = Pair(
        "PROTOCOL", .choice(of: TransferProtocol.offered), default: .grpc,
        help: "There is no other here: a collector that takes OTLP over HTTP has a port for gRPC as well. Where another"
            + " is asked for, there are no spans.")
    static let exporter = Setting(
        "OTEL_TRACES_EXPORTER", .listWithOTLP, default: .otlp,
        help: "none: export no spans, whatever else is said.", instead: instead("otlp"))
    static let isDisabled = Setting(
        "OTEL_SDK_DISABLED", .trueOrFalse, default: false, help: "Export no spans, whatever else is said.",
        instead: "it counts as false")
    static let sampler = Setting(
        "OTEL_TRACES_SAMPLER", .choice(of: Sampler.allCases), default: .parentOn,
        help: "Which traces are recorded; parentbased: those that begin elsewhere as it is said there.",
        instead: instead("parentbased_always_on"))
    static let samplerArgument = Setting(
        "OTEL_TRACES_SAMPLER_ARG", .ratio, default: 1, help: "With traceidratio: the share of traces, from 0 to 1.",
        instead: instead("1"))
    static let serviceName = Setting(
        "OTEL_SERVICE_NAME", .string("NAME"), default: "",
        help: "What spans call this service; the program's name if not given.")
    static let resourceAttributes = Setting(
        "OTEL_RESOURCE_ATTRIBUTES", .string("PAIRS"), default: "",
        help: "What else spans say of this service, such as deployment.environment.name=test.")
    static let delay = Setting(
        "OTEL_BSP_SCHEDULE_DELAY", .integer(0...largest), placeholder: "MILLISECONDS", default: 5_000,
        help: "How long a span waits for others to be exported with it.", instead: instead("5000"))
    static let queue = Setting(
        "OTEL_BSP_MAX_QUEUE_SIZE", .integer(1...largest), default: 2_048,
        help: "Spans that wait to be exported, of 4MiB at most; further ones are dropped.", instead: instead("2048"))
    static let batch = Setting(
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", .integer(1...largest), default: 512, help: "Spans in one export at most.",
        instead: instead("512"))

    package static let all: [any AnySetting] =
        endpoint.both + headers.both + certificate.both + timeout.both + compression.both + transferProtocol.both + [
            exporter, isDisabled, sampler, samplerArgument, serviceName, resourceAttributes, delay, queue, batch,
        ]

    /// Variables of OpenTelemetry's that nobody reads here, and that look like some of these: BLRP is for logs what BSP is for
    /// spans.
    package static func isOthers(_ variable: String) -> Bool { variable.hasPrefix("OTEL_BLRP_") }
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

extension SettingKind<Bool> {
    /// "Any value that represents a Boolean MUST be set to true only by the case-insensitive string "true"".
    fileprivate static var trueOrFalse: SettingKind {
        SettingKind(
            placeholder: "true|false", expectation: "true or false", isSwitch: true, choices: ["true", "false"],
            parse: { text in ["true": true, "false": false][text.lowercased()] }, format: \.description)
    }
}

extension SettingKind where Value: CaseIterable & RawRepresentable<String> & Sendable {
    /// "Enum values SHOULD be interpreted in a case-insensitive manner". All are understood, and some offered.
    fileprivate static func choice(of offered: [Value]) -> SettingKind {
        let names = offered.map(\.rawValue)
        return SettingKind(
            placeholder: names.joined(separator: "|"),
            expectation: names.count == 1 ? names[0] : "one of " + names.joined(separator: ", "), choices: names,
            parse: { text in Value.allCases.first { $0.rawValue == text.lowercased() } }, format: \.rawValue)
    }
}

extension SettingKind<TracingSettings.Exporter> {
    /// Several may be named, with commas between them: what else there is besides otlp is another's affair.
    fileprivate static var listWithOTLP: SettingKind {
        let one = choice(of: TracingSettings.Exporter.offered)
        return SettingKind(
            placeholder: "otlp|none", expectation: one.expectation,
            choices: TracingSettings.Exporter.offered.map(\.rawValue),
            parse: { text in
                let words = text.split { $0 == "," || $0 == " " }
                let exporters = words.compactMap { one.parse(String($0)) }
                if exporters.contains(.otlp) { return .otlp }
                return exporters.count == words.count ? exporters.first : nil
            }, format: one.format)
    }
}
