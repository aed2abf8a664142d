import Events
import LoadBalancing
import RPCCore
import Settings
import SpanExport
import Synchronization
import Telemetry
import Testing

@Suite struct TracingOptionsTests {
    private final class Told: Sendable {
        let lines = Mutex<[String]>([])
    }

    private func read(
        _ environment: [String: String], _ flags: [String] = []
    ) throws -> (options: TracingOptions?, told: [String]) {
        let parsed = try CommandLineParser(TracingSettings.all).parse(flags, environment: { environment[$0] })
        guard case .values(let values) = parsed else { return (nil, []) }
        var subject = TracingOptions.Subject(name: "gateway", version: "1", instance: "pod-1")
        subject.pod = "pod-1"
        let told = Told()
        let options = try TracingOptions.read(values, of: subject, on: try EventLoop()) { line in
            told.lines.withLock { $0.append(line) }
        }
        return (options, told.lines.withLock { $0 })
    }

    /// Of variables that say nothing wrong.
    private func options(_ environment: [String: String]) throws -> TracingOptions? {
        let (options, told) = try read(environment)
        #expect(told == [])
        return options
    }

    /// What is told of the one variable that is of no use, and whether there are spans all the same.
    private func problem(_ environment: [String: String]) throws -> (line: String, exports: Bool) {
        let (options, told) = try read([Self.endpoint: "http://c"].merging(environment) { $1 })
        #expect(told.count == 1, "\(told)")
        return (try #require(told.first), options != nil)
    }

    private static let endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
    private static let none = "; no spans are exported"

    @Test(arguments: [
        [:], ["OTEL_TRACES_SAMPLER": "always_on"], [endpoint: "http://c:4317", "OTEL_SDK_DISABLED": "true"],
        [endpoint: "http://c:4317", "OTEL_TRACES_EXPORTER": "none"],
        [endpoint: "http://c:4317", "OTEL_SDK_DISABLED": "TRUE"],
        [endpoint: "http://c:4317", "OTEL_TRACES_EXPORTER": "NONE"],
    ])
    func nothingIsExportedUnlessAsked(environment: [String: String]) throws {
        #expect(try options(environment) == nil)
    }

    @Test(arguments: [
        ("http://collector:4317", "dns:///collector:4317", false), ("http://collector", "dns:///collector:4317", false),
        ("https://api.example.com/", "dns:///api.example.com:443", true),
        ("HTTP://10.0.0.1:55680", "dns:///10.0.0.1:55680", false), ("http://[fd00::1]", "dns:///[fd00::1]:4317", false),
        ("http://[fd00::1]:1", "dns:///[fd00::1]:1", false),
    ])
    func readsAnEndpoint(url: String, target: String, isSecure: Bool) throws {
        let read = try #require(try options([Self.endpoint: url]))
        #expect(read.collector.target.description == target && read.collector.isSecure == isSecure)
    }

    @Test(arguments: [
        "collector:4317", "grpc://collector:4317", "http://", "http://colle ctor:4317", "http://collector:port",
        "http://collector:0", "http://fd00::1",
    ])
    func exportsNothingToWhatIsNone(url: String) throws {
        let (line, exports) = try problem([Self.endpoint: url])
        #expect(line.hasPrefix("OTEL_EXPORTER_OTLP_ENDPOINT: \"\(url)\": ") && line.hasSuffix(Self.none), "\(line)")
        #expect(!exports)
    }

    @Test func theEndpointForTracesWins() throws {
        let read = try options([Self.endpoint: "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b"])
        #expect(read?.collector.description == "http://b:4317")
        // Nor does one that is of no use leave it to the other, which may be for metrics alone.
        let (line, exports) = try problem(["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "b"])
        #expect(line.hasPrefix("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ") && !exports)
    }

    @Test func samplers() throws {
        func sampler(_ name: String, _ argument: String? = nil) throws -> TraceSampler? {
            var environment = [Self.endpoint: "http://c", "OTEL_TRACES_SAMPLER": name]
            environment["OTEL_TRACES_SAMPLER_ARG"] = argument
            return try options(environment)?.sampler
        }
        #expect(try options([Self.endpoint: "http://c"])?.sampler == TraceSampler(.all, followsParent: true))
        #expect(try sampler("always_off") == TraceSampler(.none, followsParent: false))
        #expect(try sampler("traceidratio", "0.25") == TraceSampler(.ratio(0.25), followsParent: false))
        #expect(try sampler("parentbased_traceidratio", "1e-3") == TraceSampler(.ratio(0.001), followsParent: true))
        #expect(try sampler("ALWAYS_OFF") == TraceSampler(.none, followsParent: false))
        #expect(
            try problem(["OTEL_TRACES_SAMPLER": "sometimes"])
                == (
                    "OTEL_TRACES_SAMPLER: \"sometimes\" is not one of always_on, always_off, traceidratio,"
                        + " parentbased_always_on, parentbased_always_off, parentbased_traceidratio; the default,"
                        + " parentbased_always_on, holds instead", true
                ))
        for bad in ["1.5", "-1", "nan", "x"] {
            #expect(
                try problem(["OTEL_TRACES_SAMPLER_ARG": bad])
                    == (
                        "OTEL_TRACES_SAMPLER_ARG: \"\(bad)\" is not a number from 0 to 1, such as 0.1; the default, 1, holds"
                            + " instead", true
                    ))
        }
    }

    @Test func whatIsSaidOfTracesWins() throws {
        let read = try options([
            Self.endpoint: "http://c", "OTEL_EXPORTER_OTLP_HEADERS": "a=1",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "b=2",
        ])
        #expect(read?.metadata["b"] == "2" && read?.metadata["a"] == nil)
    }

    /// OpenTelemetry's "Protocol Exporter": each option can be overridden for one signal.
    @Test func eachOptionCanBeSaidOfTraces() throws {
        func read(_ more: [String: String]) throws -> TracingOptions? {
            let general = [
                Self.endpoint: "http://c", "OTEL_EXPORTER_OTLP_TIMEOUT": "1", "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            ]
            return try self.read(general.merging(more) { $1 }).options
        }
        let general = try read([:])
        #expect(general?.timeout == .milliseconds(1) && general?.compression == .identity)
        let traces = try read([
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "2147483647", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "Gzip",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "gRPC",
        ])
        #expect(traces?.timeout == .milliseconds(2_147_483_647) && traces?.compression == .gzip)
        // Empty is not set, and neither is what is no value.
        for none in ["", "soon"] {
            let left = try read([
                "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": none, "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": none,
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": none,
            ])
            #expect(left?.timeout == .milliseconds(1) && left?.compression == .identity)
        }
    }

    /// "Common Configuration Specification", "Timeout".
    @Test func noTimeIsNoLimit() throws {
        #expect(try options([Self.endpoint: "http://c"])?.timeout == .seconds(10))
        let read = try #require(try options([Self.endpoint: "http://c", "OTEL_EXPORTER_OTLP_TIMEOUT": "0"]))
        #expect(read.timeout == nil)
        for bad in ["-1", "10s", "1.5", "2147483648"] {
            #expect(
                try problem(["OTEL_EXPORTER_OTLP_TIMEOUT": bad])
                    == (
                        "OTEL_EXPORTER_OTLP_TIMEOUT: \"\(bad)\" is not a whole number from 0 to 2147483647;"
                            + " it is as if it were not set", true
                    ))
        }
        let (line, _) = try problem(["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "10s"])
        #expect(line.hasSuffix("; what OTEL_EXPORTER_OTLP_TIMEOUT says holds instead"))
    }

    /// "MUST be set to true only by the case-insensitive string "true"".
    @Test(arguments: ["1", "on", "yes", "tru e"])
    func onlyTrueIsTrue(text: String) throws {
        #expect(
            try problem(["OTEL_SDK_DISABLED": text])
                == ("OTEL_SDK_DISABLED: \"\(text)\" is not true or false; it counts as false", true))
        #expect(try options([Self.endpoint: "http://c", "OTEL_SDK_DISABLED": "False"]) != nil)
    }

    @Test func nothingIsCheckedWhereNothingIsExported() throws {
        let bad = [Self.endpoint: "collector", "OTEL_RESOURCE_ATTRIBUTES": "team", "OTEL_BSP_SCHEDULE_DELAY": "5s"]
        let (options, told) = try read(bad)
        #expect(options == nil && told.count == 3, "\(told)")
        for more in [["OTEL_SDK_DISABLED": "true"], ["OTEL_TRACES_EXPORTER": "none"], [Self.endpoint: ""]] {
            #expect(try self.options(bad.merging(more) { $1 }) == nil)
        }
    }

    /// Whoever types one means this program, and is there to mend it.
    @Test(arguments: [
        "endpoint=collector:4317", "protocol=http/json", "traces-protocol=grcp", "timeout=10s", "headers=secret",
        "traces-certificate=/nowhere/ca.pem",
    ])
    func aFlagIsRefused(flag: String) throws {
        let error = #expect(throws: UsageError.self) {
            try read([Self.endpoint: "https://c"], ["--otel-exporter-otlp-\(flag)"])
        }
        let text = try #require(error).description
        #expect(!text.contains("; ") || text.contains("written %2C"), "\(text)")
        #expect(!text.contains("secret"))
    }

    @Test func anEmptyFlagLeavesItToTheOther() throws {
        let (options, _) = try read(
            [Self.endpoint: "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b"],
            ["--otel-exporter-otlp-traces-endpoint="])
        #expect(options?.collector.description == "http://a:4317")
    }

    @Test func aPasswordInTheAddressIsNotShown() throws {
        let (line, exports) = try problem([Self.endpoint: "https://me:secret@collector:4317"])
        #expect(line.hasPrefix(Self.endpoint) && line.hasSuffix("without a user's name" + Self.none))
        #expect(!line.contains("secret") && !exports)
    }

    @Test func headersBecomeMetadataAndAreNeverShown() throws {
        let read = try options([Self.endpoint: "http://c", "OTEL_EXPORTER_OTLP_HEADERS": "Api-Key=a%20b, tenant = x"])
        #expect(read?.metadata["api-key"] == "a b" && read?.metadata["tenant"] == "x")
        for bad in [
            "secret", "k=%zz-secret", "=secret", "k%=secret", "k\u{1}=secret", "te=secret", "k=%00secret",
            "k=a,secret b=c",
        ] {
            let (line, exports) = try problem(["OTEL_EXPORTER_OTLP_HEADERS": bad])
            #expect(line.hasPrefix("OTEL_EXPORTER_OTLP_HEADERS: ") && line.hasSuffix("; exports go without any"))
            #expect(!line.contains("secret") && exports)
        }
        // The other's may be a password that is not for this collector.
        let (mixed, _) = try self.read([
            Self.endpoint: "http://c", "OTEL_EXPORTER_OTLP_HEADERS": "a=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "b",
        ])
        #expect(mixed?.metadata.isEmpty == true)
    }

    @Test func theResourceSaysWhoItIs() throws {
        func resource(_ environment: [String: String]) throws -> [String: String] {
            let read = try options(environment.merging([Self.endpoint: "http://c"]) { $1 })
            var texts: [String: String] = [:]
            for attribute in read?.resource ?? [] {
                if case .text(let text) = attribute.value { texts[attribute.key] = text }
            }
            return texts
        }
        let plain = try resource([:])
        #expect(plain["service.name"] == "gateway" && plain["service.instance.id"] == "pod-1")
        #expect(plain["k8s.pod.name"] == "pod-1" && plain["k8s.namespace.name"] == nil)
        let given = try resource([
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=a,deployment.environment.name=a%2Cb,team=x=y",
            "OTEL_SERVICE_NAME": "b",
        ])
        #expect(given["service.name"] == "b" && given["deployment.environment.name"] == "a,b" && given["team"] == "x=y")
        #expect(
            try problem(["OTEL_RESOURCE_ATTRIBUTES": "team"])
                == (
                    "OTEL_RESOURCE_ATTRIBUTES: \"team\": it is not key=value pairs with commas between them, values"
                        + " percent-encoded where need be; none of it is used", true
                ))
    }

    /// Over gRPC, exports to a port for HTTP would fail for ever; what is no protocol at all says nothing of the port.
    @Test func otherProtocolsExportNothing() throws {
        for name in ["http/protobuf", "HTTP/JSON"] {
            #expect(
                try problem(["OTEL_EXPORTER_OTLP_PROTOCOL": name])
                    == (
                        "OTEL_EXPORTER_OTLP_PROTOCOL: \"\(name)\": only OTLP over gRPC is spoken here: set"
                            + " OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc, and OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to the"
                            + " collector's port for it, which is 4317 in most" + Self.none, false
                    ))
        }
        #expect(
            try problem(["OTEL_EXPORTER_OTLP_PROTOCOL": "grcp"])
                == ("OTEL_EXPORTER_OTLP_PROTOCOL: \"grcp\" is not grpc; it is as if it were not set", true))
    }

    /// Whoever names another one of OpenTelemetry's wants his spans elsewhere.
    @Test func otherExportersExportNothing() throws {
        for name in ["zipkin", "console", "logging"] {
            #expect(
                try problem(["OTEL_TRACES_EXPORTER": name])
                    == (
                        "OTEL_TRACES_EXPORTER: \"\(name)\": there is no such exporter here, only otlp and none"
                            + Self.none,
                        false
                    ))
        }
        #expect(try problem(["OTEL_TRACES_EXPORTER": "console, zipkin"]).exports == false)
        let (both, told) = try read([Self.endpoint: "http://c", "OTEL_TRACES_EXPORTER": "console,otlp"])
        #expect(both != nil && told.isEmpty)
        let (line, exports) = try problem(["OTEL_TRACES_EXPORTER": "console,jaeger"])
        #expect(line.hasSuffix(" is not one of otlp, none; the default, otlp, holds instead") && exports)
    }

    @Test func whatAVendorPutsBehindTheHostStaysOutOfTheLog() throws {
        for (text, shown) in [
            ("https://host/KEY/v1/traces?token=KEY", "https://host/…"), ("https://host?KEY", "https://host/…"),
            ("http://collector:4318/v1/traces", "http://collector:4318/…"), ("http:///", "http:///…"),
        ] {
            let (line, _) = try problem(["OTEL_EXPORTER_OTLP_ENDPOINT": text])
            #expect(line.hasPrefix("OTEL_EXPORTER_OTLP_ENDPOINT: \"\(shown)\": it is not"), "\(line)")
        }
    }

    /// Those of logs and metrics are OpenTelemetry's as well, and no slip of whoever set them.
    @Test func variablesForOthersAreNoSlips() {
        let others = [
            "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BLRP_EXPORT_TIMEOUT", "OTEL_BLRP_MAX_QUEUE_SIZE",
            "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_LOGS_EXPORTER", "OTEL_METRICS_EXPORTER",
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "OTEL_EXPORTER_OTLP_INSECURE",
            "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "OTEL_PROPAGATORS",
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_KEY", "OTEL_LOG_LEVEL",
            "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_LOGS_HEADERS", "OTEL_ENTITIES",
        ]
        let known = TracingSettings.all.map(\.name)
        let asked = others.filter { !TracingSettings.isOthers($0) }
        #expect(MisspeltVariables.find(among: asked, known: known).isEmpty)
        #expect(!known.contains(where: TracingSettings.isOthers))
    }

    @Test func aBatchIsNoLargerThanTheQueue() throws {
        let read = try options([
            Self.endpoint: "http://c", "OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_SCHEDULE_DELAY": "20",
        ])
        #expect(read?.limits.items == 10 && read?.limits.batchItems == 10 && read?.limits.delay == .milliseconds(20))
    }

    /// To believe others instead would be nobody's wish.
    @Test func anAuthorityThatIsNoneExportsNothing() throws {
        for name in ["OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE"] {
            let (line, exports) = try problem([Self.endpoint: "https://c", name: "/nowhere/ca.pem"])
            #expect(line.hasPrefix("\(name): \"/nowhere/ca.pem\": ") && line.hasSuffix(Self.none) && !exports)
        }
    }
}
