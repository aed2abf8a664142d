import Diagnosis
import Doctor
import Events
import JSON
import LoadBalancing
import LocalCluster
import RPCCore
import Resolvers
import ServiceKit
package import Settings
import System
import Terminal
import Timing

/// `samplectl doctor [TARGET]`: looks at a target as a client would, and says in sentences what keeps calls from it.
package enum DoctorCommand {
    private static let service = Setting(
        "SERVICE", .string("NAME"), default: "", help: "whose health is asked (default: the whole server's)")
    private static let call = Setting(
        "CALL", .string("METHOD"), default: "",
        help: "a unary method, as package.Service/Method, whose answer names the server; it gets an empty request")
    private static let field = Setting(
        "FIELD", .string("FIELD"), default: "", help: "the field of that answer with the name; found by reflection")
    private static let policy = Setting(
        "POLICY", .string("POLICY", suggestions: LoadBalancingPolicyName.allCases.map(\.rawValue)), default: "",
        help: "what your client has (default: gRPC's own, pick_first)")
    private static let cluster = Setting(
        "CLUSTER", .flag, default: false,
        help: "look at a cluster's objects, through kubectl: of all Services, or of the TARGET's")
    private static let namespace = Setting(
        "NAMESPACE", letter: "n", .string("NAMESPACE"), default: "",
        help: "of the cluster's objects (default: the TARGET's, else kubectl's own)")
    private static let watch = Setting(
        "WATCH", .duration, default: Duration.seconds(60),
        help: "how long to watch whether servers close connections, at most (default 60s)")
    private static let timeout = Setting(
        "TIMEOUT", .duration(atLeast: .milliseconds(10)), default: Duration.seconds(5),
        help: "of each connection and each call (default 5s)")

    package static let settings: [any AnySetting] =
        [service, call, field, policy, watch, timeout, cluster, namespace] + TLSClientOptions.settings + [
            OutputFormat.setting
        ]

    static let remarks = """
        Without a TARGET it is the running system, by its own gateway's target and policy. TARGET is a gRPC target, such as
        dns:///orders:50051, dns://10.96.0.10/orders.shop:50051, ipv4:10.0.0.1:50051,10.0.0.2:50051, or HOST:PORT.

        It looks the name up, connects to each address, asks grpc.health.v1.Health, calls as pick_first and as round_robin
        would, and watches whether connections end: until the first one does, or for --watch. It calls nothing but health
        checks and --call.

        With --cluster it reads Services, EndpointSlices, Deployments with their probes, Pods and NetworkPolicies instead,
        by kubectl get and with its rights, and names the object and the field to change. Who calls a Service it knows from
        variables of containers that have its gRPC target. It changes nothing, and connects to no pod.

        How many servers it met is told only where something names them: x-pod-name in answers, as ours have it; --call and
        --field; or certificates that differ.

        With -o json it is one object: subject, facts, findings, each with id, severity, sentence, evidence, object, field.

        The exit status is 0 with nothing to report, 1 with findings or if it could not be examined (no system, no kubectl, an
        empty namespace), which is told to standard error, and 64 if the command was not understood.

        Examples:

          samplectl doctor
          samplectl doctor dns:///orders:50051 --service shop.Orders --policy round_robin
          samplectl doctor --cluster -n shop
          samplectl doctor orders:443 --tls-ca ca.pem --call shop.Orders/Version --field host
        """

    static func run(_ context: CommandContext) async throws -> Int32 {
        let report = try await examine(context)
        switch context.arguments[OutputFormat.setting] {
        case .text: context.print(report.text, terminator: "")
        case .json:
            var writer = JSONWriter()
            writer.value(report.json)
            context.print(String(decoding: writer.bytes, as: UTF8.self))
        }
        return report.exitStatus
    }

    private static func examine(_ context: CommandContext) async throws -> DoctorReport {
        let values = context.arguments
        if values[cluster] { return try await cluster(values, context) }
        guard let text = values.operands.first else { return try await system(values, context) }
        return try await report(try examination(of: text, values), context)
    }

    /// The running system: its pods, and its first gateway's target and policy.
    private static func system(_ values: SettingValues, _ context: CommandContext) async throws -> DoctorReport {
        let instance = try Instance(values)
        let seen = try await SystemExaminer(instance: instance, loop: context.loop).examine()
        let facts = SystemDiagnosis.facts(seen)
        guard let gateway = seen.gateways.first else {
            return DoctorReport(subject: instance.name, facts: facts, findings: SystemDiagnosis.findings(seen))
        }
        // A registry or an API tells the gateway who is there, and of each change; the doctor takes its word.
        let scheme = gateway.target.prefix { $0 != ":" }
        let sourceTells = !resolvers.schemes.contains(String(scheme))
        let told = seen.addresses(toldTo: gateway, port: Component.servicePort)
        let target = sourceTells ? "ipv4:" + told.joined(separator: ",") : gateway.target
        if sourceTells, told.isEmpty {
            let why = gateway.problem.map { "; the last error of its look-ups: \($0)" } ?? ""
            var nobody = TargetObservation(
                target: gateway.target, resolution: .failed(.noAddress, "\(gateway.name) knows no address\(why)"))
            nobody.sourceTells = true
            let report = DoctorReport(nobody)
            return DoctorReport(
                subject: "\(instance.name): \(gateway.target)", facts: facts + report.facts,
                findings: SystemDiagnosis.findings(seen) + report.findings)
        }
        var examination = try examination(of: target, values)
        examination.sourceTells = sourceTells
        if values[policy].isEmpty { examination.policy = .known(gateway.policy) }
        let report = try await report(examination, context)
        return DoctorReport(
            subject: "\(instance.name): \(gateway.target)", facts: facts + report.facts,
            findings: SystemDiagnosis.findings(seen) + report.findings)
    }

    /// Objects alone: it connects to nobody.
    private static func cluster(_ values: SettingValues, _ context: CommandContext) async throws -> DoctorReport {
        let target = values.operands.first
        guard values.given(namespace) != "" else {
            throw UsageError("\(namespace.flag) is empty: leave it out for kubectl's own namespace")
        }
        let given = values[namespace].isEmpty ? nil : values[namespace]
        let wanted = try target.flatMap { (text) throws(UsageError) in try service(of: text, given) }
        let program = Launch.File.part("kubectl", remedy: "https://kubernetes.io/docs/tasks/tools")
        let kubectl = Kubectl(
            at: try ProgramFinder.current.path(of: program),
            namespace: given ?? wanted)
        let (json, namespace) = try await kubectl.objects(on: context.loop)
        guard var seen = ClusterObservation(json) else {
            throw Failure("kubectl's answer is not understood: it is no list of objects")
        }
        guard !seen.isEmpty else {
            throw Failure(
                "namespace \(namespace) has no Service, no Deployment and no pod: name another one with -n (kubectl get "
                    + "namespaces)")
        }
        seen.time = WallClock.nanoseconds
        return DoctorReport(
            subject: "namespace \(namespace)" + (target.map { ": \($0)" } ?? ""), facts: ClusterDiagnosis.facts(seen),
            findings: ClusterDiagnosis.findings(seen, target: target, namespace: namespace))
    }

    /// The namespace that the target names, if it does.
    private static func service(of target: String, _ given: String?) throws(UsageError) -> String? {
        // What it says where the target says nothing.
        let silent = ""
        guard let name = ServiceName(target, in: silent) else {
            throw UsageError(
                "'\(target)' names no Service of a cluster; expected: dns:///NAME:PORT, NAME:PORT, or with NAME.NAMESPACE"
            )
        }
        guard name.namespace != silent else { return nil }
        if let given, given != name.namespace {
            throw UsageError("'\(target)' is of namespace \(name.namespace), and -n says \(given)")
        }
        return name.namespace
    }

    static let resolvers = ResolverRegistry([.dns, .ipv4, .ipv6, .unix, .unixAbstract, .passthrough])

    static func examination(of text: String, _ values: SettingValues) throws(UsageError) -> Examination {
        let target: Target
        do throws(RPCError) {
            target = try Target(text, knownSchemes: resolvers.schemes)
        } catch {
            throw UsageError(error.message)
        }
        var examination = Examination(target, resolvers: resolvers)
        let notes = examination.notes
        examination.serverName = values.given(TLSClientOptions.serverName) ?? target.serverName
        examination.tls = try TLSClientOptions.dialer(
            values, to: target.serverName, protocols: ["h2"], noted: { notes.note($0, $1) })
        examination.service = values[service]
        if !values[policy].isEmpty {
            let name = values[policy].split(separator: "-", omittingEmptySubsequences: false).joined(separator: "_")
            guard LoadBalancingPolicyName(rawValue: name) != nil else {
                throw UsageError(
                    "--policy '\(values[policy])' is not possible; expected one of \(LoadBalancingPolicyName.names)")
            }
            examination.policy = .known(name)
        }
        examination.watch = values[watch]
        examination.patience = values[timeout]
        guard values[call].isEmpty == values[field].isEmpty else {
            throw UsageError(
                "--call and --field go together: a method, and the field of its answer that names the server")
        }
        if !values[call].isEmpty {
            guard let call = NamedCall(method: values[call], field: values[field]) else {
                throw UsageError("--call '\(values[call])' is not possible; expected: package.Service/Method")
            }
            examination.namedCall = call
        }
        return examination
    }

    static func report(_ examination: Examination, _ context: CommandContext) async throws -> DoctorReport {
        let progress = DoctorProgress(isForPeople: context.arguments[OutputFormat.setting] == .text)
        let examiner = TargetExaminer(examination, on: context.loop) { progress.show($0) }
        defer { progress.end() }
        do {
            return DoctorReport(try await examiner.examine())
        } catch let error as RPCError {
            throw UsageError(error.message)
        }
    }
}
