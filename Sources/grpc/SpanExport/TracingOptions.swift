package import Events
import LoadBalancing
import RPCClient
package import RPCCore
import Resolvers
package import Settings
import TLS
package import Telemetry

/// What `TracingSettings` come to. A value that cannot be used is refused, unless nothing is to be exported.
package struct TracingOptions: Sendable {
    /// Who makes the spans.
    package struct Subject: Sendable {
        package var name: String
        package var version: String
        /// Names this one among those of the same name: its pod, or its host.
        package var instance: String
        package var pod = ""
        package var podIP = ""
        package var namespace = ""

        package init(name: String, version: String, instance: String) {
            self.name = name
            self.version = version
            self.instance = instance
        }
    }

    package let collector: CollectorAddress
    package let metadata: Metadata
    package let timeout: Duration
    package let compression: MessageEncoding
    package let sampler: TraceSampler
    package let limits: ExportQueue<SpanRecord>.Limits
    /// In order.
    package let resource: [SpanRecord.Attribute]
    let dialer: TLSDialer?

    static let resolvers = ResolverRegistry([.dns])

    /// nil if no spans are exported. `loop` is the current one, and only tries the collector's name out. `told` hears of
    /// changes of certificates, on any thread.
    package static func read(
        _ values: SettingValues, of subject: Subject, on loop: EventLoop,
        told: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(UsageError) -> TracingOptions? {
        guard !values[TracingSettings.isDisabled], values[TracingSettings.exporter] == .otlp else { return nil }
        let (resource, metadata) = (try resource(values, subject), try metadata(values))
        let sampler = sampler(values)
        guard let (collector, setting) = try collector(values, on: loop) else { return nil }
        let dialer = try dialer(values, to: collector, of: setting, told: told)
        var limits = ExportQueue<SpanRecord>.Limits()
        limits.items = values[TracingSettings.queue]
        limits.batchItems = min(values[TracingSettings.batch], limits.items)
        limits.delay = .milliseconds(values[TracingSettings.delay])
        return TracingOptions(
            collector: collector, metadata: metadata, timeout: .milliseconds(values[TracingSettings.timeout]),
            compression: values[TracingSettings.compression] == .gzip ? .gzip : .identity, sampler: sampler,
            limits: limits, resource: resource, dialer: dialer)
    }

    private static func collector(
        _ values: SettingValues, on loop: EventLoop
    ) throws(UsageError) -> (CollectorAddress, Setting<String>)? {
        for setting in [TracingSettings.tracesEndpoint, TracingSettings.endpoint] where !values[setting].isEmpty {
            guard let address = CollectorAddress(values[setting]) else {
                let reason = "it is not \(CollectorAddress.expectation)"
                // A user's password, perhaps.
                guard !values[setting].contains("@") else {
                    throw UsageError("\(setting.name): \(reason), without a user's name")
                }
                throw values.rejection(of: setting, because: reason)
            }
            do throws(RPCError) {
                try resolvers.makeResolver(address.target, on: loop).shutdown()
            } catch {
                throw values.rejection(of: setting, because: error.message)
            }
            return (address, setting)
        }
        return nil
    }

    private static func dialer(
        _ values: SettingValues, to collector: CollectorAddress, of setting: Setting<String>,
        told: @escaping @Sendable (String) -> Void
    ) throws(UsageError) -> TLSDialer? {
        let authorities = chosen(TracingSettings.tracesCertificate, or: TracingSettings.certificate, values)
        let file = values[authorities]
        guard collector.isSecure else { return nil }
        guard let name = collector.target.serverName else {
            throw values.rejection(of: setting, because: "it names no server that a certificate could be of")
        }
        var rules = TLSMaterial(.client)
        rules.protocols = ["h2"]
        do {
            let files = TLSFiles(authorities: file.isEmpty ? nil : file)
            return TLSDialer(try TLSCredentials(rules, files: files, told: told), serverName: name)
        } catch {
            throw values.rejection(
                of: file.isEmpty ? setting : authorities, because: error.description)
        }
    }

    /// What is said of traces wins over what is said of all that is exported.
    private static func chosen(
        _ traces: Setting<String>, or general: Setting<String>, _ values: SettingValues
    ) -> Setting<String> { values[traces].isEmpty ? general : traces }

    private static func sampler(_ values: SettingValues) -> TraceSampler {
        let ratio = TraceSampler.Share.ratio(values[TracingSettings.samplerArgument])
        return switch values[TracingSettings.sampler] {
        case .alwaysOn: TraceSampler(.all, followsParent: false)
        case .alwaysOff: TraceSampler(.none, followsParent: false)
        case .ratio: TraceSampler(ratio, followsParent: false)
        case .parentOn: TraceSampler(.all, followsParent: true)
        case .parentOff: TraceSampler(.none, followsParent: true)
        case .parentRatio: TraceSampler(ratio, followsParent: true)
        }
    }

    private static func metadata(_ values: SettingValues) throws(UsageError) -> Metadata {
        let setting = chosen(TracingSettings.tracesHeaders, or: TracingSettings.headers, values)
        let name = setting.name
        // Never the value itself, which may be a password, and standard error goes into logs.
        guard let pairs = PairList.parse(values[setting]) else {
            throw UsageError("\(name): it is not \(PairList.expectation)")
        }
        var metadata = Metadata()
        for (number, (key, value)) in pairs.enumerated() {
            guard !Metadata.isReserved(key.lowercased().utf8.span) else {
                throw UsageError("\(name): \"\(key)\" is what HTTP/2 or gRPC itself says of a call")
            }
            do throws(RPCError) {
                try metadata.append(key.lowercased(), value)
            } catch {
                // What should have been a value is taken for a key, where a comma is not encoded.
                throw UsageError(
                    "\(name): pair \(number + 1) has a key or value that a field of HTTP/2 cannot have; a comma in a value"
                        + " is written %2C")
            }
        }
        return metadata
    }

    private static func resource(
        _ values: SettingValues, _ subject: Subject
    ) throws(UsageError) -> [SpanRecord.Attribute] {
        let setting = TracingSettings.resourceAttributes
        guard let given = PairList.parse(values[setting]) else {
            throw values.rejection(of: setting, because: "it is not \(PairList.expectation)")
        }
        var texts: [(key: String, value: String)] = [
            ("service.name", subject.name), ("service.version", subject.version),
            ("service.instance.id", subject.instance), ("k8s.namespace.name", subject.namespace),
            ("k8s.pod.name", subject.pod), ("k8s.pod.ip", subject.podIP),
            // What makes the spans: no SDK of OpenTelemetry's own may be named here.
            ("telemetry.sdk.name", "sample-service"), ("telemetry.sdk.language", "swift"),
            ("telemetry.sdk.version", subject.version),
        ]
        func set(_ key: String, _ value: String) {
            texts.removeAll { $0.key == key }
            texts.append((key, value))
        }
        for (key, value) in given { set(key, value) }
        let name = values[TracingSettings.serviceName]
        if !name.isEmpty { set("service.name", name) }
        return texts.filter { !$0.value.isEmpty }.map { SpanRecord.Attribute($0.key, .text($0.value)) }
    }
}
