package import Events
import LoadBalancing
import RPCClient
package import RPCCore
import Resolvers
package import Settings
import TLS
package import Telemetry

/// What `TracingSettings` come to. A variable that cannot be used keeps no service from starting: the log says what is wrong
/// with it and what holds instead, unless nothing is to be exported.
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
    /// nil: none.
    package let timeout: Duration?
    package let compression: MessageEncoding
    package let sampler: TraceSampler
    package let limits: ExportQueue<SpanRecord>.Limits
    /// In order.
    package let resource: [SpanRecord.Attribute]
    let dialer: TLSDialer?

    static let resolvers = ResolverRegistry([.dns])

    /// nil if no spans are exported. `loop` is the current one, and only tries the collector's name out. `told` hears what is
    /// wrong with variables, and later of changes of certificates, on any thread. A flag, which is for this program alone, is
    /// refused.
    package static func read(
        _ values: SettingValues, of subject: Subject, on loop: EventLoop,
        told: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(UsageError) -> TracingOptions? {
        let setting = TracingSettings.endpoint.chosen(values)
        guard !values[TracingSettings.isDisabled], values[TracingSettings.exporter] != .none, !values[setting].isEmpty
        else { return nil }
        for line in values.ignored { told(line) }
        /// nil, and told, if `read` finds a variable that cannot be used.
        func attempt<Result>(
            or instead: String, _ read: () throws(Unusable) -> Result
        ) throws(UsageError) -> Result? {
            do throws(Unusable) { return try read() } catch {
                guard values.isFromVariable(error.setting) else { throw error.reason }
                told("\(error.reason); \(instead)")
                return nil
            }
        }
        let given = try attempt(or: "none of it is used") { () throws(Unusable) in try attributes(values) }
        let fields = try attempt(or: "exports go without any") { () throws(Unusable) in try metadata(values) }
        let reached = try attempt(or: "no spans are exported") { () throws(Unusable) in
            try checkChoices(values)
            let address = try collector(values[setting], of: setting, values, on: loop)
            return (address, try dialer(values, to: address, of: setting, told: told))
        }
        guard let (address, dialer) = reached else { return nil }
        let timeout = values[TracingSettings.timeout.chosen(values)]
        let compression = values[TracingSettings.compression.chosen(values)]
        var limits = ExportQueue<SpanRecord>.Limits()
        limits.items = values[TracingSettings.queue]
        limits.batchItems = min(values[TracingSettings.batch], limits.items)
        limits.delay = .milliseconds(values[TracingSettings.delay])
        return TracingOptions(
            collector: address, metadata: fields ?? Metadata(),
            timeout: timeout == 0 ? nil : .milliseconds(timeout),
            compression: compression == .gzip ? .gzip : .identity, sampler: sampler(values), limits: limits,
            resource: resource(given ?? [], named: values[TracingSettings.serviceName], subject),
            dialer: dialer)
    }

    /// A value that is one, and of no use.
    private struct Unusable: Error {
        let setting: any AnySetting
        let reason: UsageError

        init(_ setting: any AnySetting, _ reason: UsageError) {
            self.setting = setting
            self.reason = reason
        }
    }

    /// What OpenTelemetry knows and this service does not have.
    private static func checkChoices(_ values: SettingValues) throws(Unusable) {
        if values[TracingSettings.exporter] != .otlp {
            let reason = "there is no such exporter here, only otlp and none"
            throw Unusable(
                TracingSettings.exporter, values.rejection(of: TracingSettings.exporter, because: reason))
        }
        let setting = TracingSettings.transferProtocol.chosen(values)
        if values[setting] != .grpc {
            let reason =
                "only OTLP over gRPC is spoken here: set \(TracingSettings.transferProtocol.traces.name)=grpc, and"
                + " \(TracingSettings.endpoint.traces.name) to the collector's port for it, which is 4317 in most"
            throw Unusable(setting, values.rejection(of: setting, because: reason))
        }
    }

    private static func collector(
        _ text: String, of setting: Setting<String>, _ values: SettingValues, on loop: EventLoop
    ) throws(Unusable) -> CollectorAddress {
        guard let address = CollectorAddress(text) else {
            let reason = "it is not \(CollectorAddress.expectation)"
            // A user's password, perhaps.
            guard !text.contains("@") else {
                throw Unusable(setting, UsageError("\(setting.name): \(reason), without a user's name"))
            }
            throw Unusable(setting, values.rejection(of: setting, quoting: shown(text), because: reason))
        }
        do throws(RPCError) {
            try resolvers.makeResolver(address.target, on: loop).shutdown()
        } catch {
            throw Unusable(setting, values.rejection(of: setting, because: error.message))
        }
        return address
    }

    /// Without path and query, in which some vendors have their customer's key.
    private static func shown(_ address: String) -> String {
        guard let scheme = address.firstRange(of: "://") else { return address }
        let authority = address[scheme.upperBound...].prefix { !"/?#".contains($0) }
        return authority.endIndex == address.endIndex ? address : "\(address[..<authority.endIndex])/…"
    }

    private static func dialer(
        _ values: SettingValues, to collector: CollectorAddress, of setting: Setting<String>,
        told: @escaping @Sendable (String) -> Void
    ) throws(Unusable) -> TLSDialer? {
        guard collector.isSecure else { return nil }
        guard let name = collector.target.serverName else {
            let reason = "it names no server that a certificate could be of"
            throw Unusable(setting, values.rejection(of: setting, because: reason))
        }
        let authorities = TracingSettings.certificate.chosen(values)
        let file = values[authorities]
        var rules = TLSMaterial(.client)
        rules.protocols = ["h2"]
        do {
            let files = TLSFiles(authorities: file.isEmpty ? nil : file)
            return TLSDialer(try TLSCredentials(rules, files: files, told: told), serverName: name)
        } catch {
            let cause = file.isEmpty ? setting : authorities
            throw Unusable(cause, values.rejection(of: cause, because: error.description))
        }
    }

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

    private static func metadata(_ values: SettingValues) throws(Unusable) -> Metadata {
        let setting = TracingSettings.headers.chosen(values)
        /// Never the value itself, which may be a password, and the log goes elsewhere.
        func unusable(_ reason: String) -> Unusable { Unusable(setting, UsageError("\(setting.name): \(reason)")) }
        guard let pairs = PairList.parse(values[setting]) else {
            throw unusable("it is not \(PairList.expectation)")
        }
        var metadata = Metadata()
        for (number, (key, value)) in pairs.enumerated() {
            guard !Metadata.isReserved(key.lowercased().utf8.span) else {
                throw unusable("\"\(key)\" is what HTTP/2 or gRPC itself says of a call")
            }
            do throws(RPCError) {
                try metadata.append(key.lowercased(), value)
            } catch {
                // What should have been a value is taken for a key, where a comma is not encoded.
                throw unusable(
                    "pair \(number + 1) has a key or value that a field of HTTP/2 cannot have; a comma in a value is"
                        + " written %2C")
            }
        }
        return metadata
    }

    private static func attributes(
        _ values: SettingValues
    ) throws(Unusable) -> [(key: String, value: String)] {
        let setting = TracingSettings.resourceAttributes
        guard let given = PairList.parse(values[setting]) else {
            throw Unusable(setting, values.rejection(of: setting, because: "it is not \(PairList.expectation)"))
        }
        return given
    }

    private static func resource(
        _ given: [(key: String, value: String)], named name: String, _ subject: Subject
    ) -> [SpanRecord.Attribute] {
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
        if !name.isEmpty { set("service.name", name) }
        return texts.filter { !$0.value.isEmpty }.map { SpanRecord.Attribute($0.key, .text($0.value)) }
    }
}
