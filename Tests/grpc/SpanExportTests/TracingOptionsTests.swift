import Events
import LoadBalancing
import RPCCore
import Settings
import SpanExport
import Telemetry
import Testing

@Suite struct TracingOptionsTests {
    private func options(_ environment: [String: String]) throws -> TracingOptions? {
        let parsed = try CommandLineParser(TracingSettings.all).parse([], environment: { environment[$0] })
        guard case .values(let values) = parsed else { return nil }
        var subject = TracingOptions.Subject(name: "gateway", version: "1", instance: "pod-1")
        subject.pod = "pod-1"
        return try TracingOptions.read(values, of: subject, on: try EventLoop())
    }

    private func problem(_ environment: [String: String]) -> String? {
        do {
            _ = try options(environment)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static let endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"

    @Test(arguments: [
        [:], ["OTEL_TRACES_SAMPLER": "always_on"], [endpoint: "http://c:4317", "OTEL_SDK_DISABLED": "true"],
        [endpoint: "http://c:4317", "OTEL_TRACES_EXPORTER": "none"],
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
        "collector:4317", "grpc://collector:4317", "http://", "http:///", "http://collector:4318/v1/traces",
        "http://collector:4317?x", "http://colle ctor:4317", "http://collector:port",
        "http://collector:0", "http://fd00::1",
    ])
    func refusesWhatIsNone(url: String) throws {
        let problem = try #require(self.problem([Self.endpoint: url]))
        #expect(problem.hasPrefix("OTEL_EXPORTER_OTLP_ENDPOINT: \"\(url)\": "), "\(problem)")
    }

    @Test func theEndpointForTracesWins() throws {
        let read = try options([Self.endpoint: "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b"])
        #expect(read?.collector.description == "http://b:4317")
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
        #expect(
            problem(["OTEL_TRACES_SAMPLER": "sometimes"])
                == "OTEL_TRACES_SAMPLER: \"sometimes\" is not one of always_on, always_off, traceidratio,"
                + " parentbased_always_on, parentbased_always_off, parentbased_traceidratio")
        for bad in ["1.5", "-1", "nan", "x"] {
            #expect(
                problem(["OTEL_TRACES_SAMPLER_ARG": bad])
                    == "OTEL_TRACES_SAMPLER_ARG: \"\(bad)\" is not a number from 0 to 1, such as 0.1")
        }
    }

    @Test func whatIsSaidOfTracesWins() throws {
        let read = try options([
            Self.endpoint: "http://c", "OTEL_EXPORTER_OTLP_HEADERS": "a=1",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "b=2",
        ])
        #expect(read?.metadata["b"] == "2" && read?.metadata["a"] == nil)
    }

    @Test func nothingIsCheckedWhereNothingIsExported() {
        let bad = [Self.endpoint: "collector", "OTEL_RESOURCE_ATTRIBUTES": "team"]
        #expect(problem(bad) != nil)
        #expect(problem(bad.merging(["OTEL_SDK_DISABLED": "true"]) { $1 }) == nil)
        #expect(problem(bad.merging(["OTEL_TRACES_EXPORTER": "none"]) { $1 }) == nil)
    }

    @Test func aPasswordInTheAddressIsNotShown() throws {
        let problem = try #require(self.problem([Self.endpoint: "https://me:secret@collector:4317"]))
        #expect(problem.hasPrefix(Self.endpoint) && problem.hasSuffix("without a user's name"))
        #expect(!problem.contains("secret"))
    }

    @Test func headersBecomeMetadataAndAreNeverShown() throws {
        let read = try options([Self.endpoint: "http://c", "OTEL_EXPORTER_OTLP_HEADERS": "Api-Key=a%20b, tenant = x"])
        #expect(read?.metadata["api-key"] == "a b" && read?.metadata["tenant"] == "x")
        for bad in [
            "secret", "k=%zz-secret", "=secret", "k%=secret", "k\u{1}=secret", "te=secret", "k=%00secret",
            "k=a,secret b=c",
        ] {
            let problem = try #require(self.problem(["OTEL_EXPORTER_OTLP_HEADERS": bad]), "\(bad)")
            #expect(problem.hasPrefix("OTEL_EXPORTER_OTLP_HEADERS: ") && !problem.contains("secret"))
        }
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
            problem(["OTEL_RESOURCE_ATTRIBUTES": "team"])
                == "OTEL_RESOURCE_ATTRIBUTES: \"team\": it is not key=value pairs with commas between them, values"
                + " percent-encoded where need be")
    }

    @Test func otherProtocolsAreRefused() {
        #expect(
            problem(["OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"])
                == "OTEL_EXPORTER_OTLP_PROTOCOL: \"http/protobuf\" is not one of grpc")
    }

    @Test func aBatchIsNoLargerThanTheQueue() throws {
        let read = try options([
            Self.endpoint: "http://c", "OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_SCHEDULE_DELAY": "20",
        ])
        #expect(read?.limits.items == 10 && read?.limits.batchItems == 10 && read?.limits.delay == .milliseconds(20))
    }

    @Test func anAuthorityThatIsNoneIsRefused() throws {
        let problem = try #require(
            self.problem([Self.endpoint: "https://c", "OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere/ca.pem"]))
        #expect(problem.hasPrefix("OTEL_EXPORTER_OTLP_CERTIFICATE: \"/nowhere/ca.pem\": "))
    }
}
