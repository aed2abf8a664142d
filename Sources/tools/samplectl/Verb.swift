import Bytes
import LocalCluster
package import Settings
import Story
import System
package import Terminal

/// The commands. `supervise` is what `up` starts in the background; nobody types it.
package enum Verb: String, CaseIterable, Sendable {
    case up, down, status, events, doctor, nslookup, logs, scale, restart, set, readiness, trouble, kill, demo, lab
    case completion
    case version
    case explain = "help"
    case supervise

    package static let listed = allCases.filter { $0 != .supervise }

    package var syntax: VerbSyntax {
        switch self {
        case .up:
            VerbSyntax(
                rawValue, summary: "start the whole system and return when all of it is ready",
                options: UpOptions.settings + Instance.settings + [UpCommand.foreground],
                remarks: Mode.help)
        case .supervise:
            VerbSyntax(
                rawValue, summary: "run the system in this process; `up` starts it",
                options: UpOptions.settings + Instance.settings)
        case .down:
            VerbSyntax(
                rawValue, summary: "stop the system; no process and no file stays behind", options: Instance.settings)
        case .status:
            VerbSyntax(
                rawValue, summary: "list the pods, as kubectl get pods -o wide does",
                options: StatusCommand.settings + Instance.settings, remarks: StatusCommand.remarks)
        case .events:
            VerbSyntax(
                rawValue, summary: "tell what changed who gets calls: the gateways' channels, by time",
                options: EventsCommand.settings + Instance.settings, remarks: EventsCommand.remarks)
        case .doctor:
            VerbSyntax(
                rawValue, summary: "say why calls do not reach every pod, or none, and which setting changes it",
                operands: ["[TARGET]"], options: DoctorCommand.settings + Instance.settings,
                remarks: DoctorCommand.remarks)
        case .nslookup:
            VerbSyntax(
                rawValue, summary: "ask the system's DNS server for a name", operands: ["NAME"],
                options: Instance.settings,
                remarks: "A short name such as sample-service-grpc is completed with .default.svc.cluster.local.")
        case .logs:
            VerbSyntax(
                rawValue, summary: "show what the pods print, by time, as stern does",
                operands: ["[COMPONENT|POD]..."], options: LogsCommand.settings + Instance.settings,
                remarks: LogsCommand.remarks)
        case .scale:
            VerbSyntax(
                rawValue, summary: "change the number of a component's pods", operands: ["COMPONENT=N"],
                options: Instance.settings, remarks: "Example: samplectl scale grpc=10")
        case .restart:
            VerbSyntax(
                rawValue, summary: "replace a component's pods one by one, and return when all are new",
                operands: ["COMPONENT"], options: Instance.settings,
                remarks: """
                    As kubectl rollout restart with maxSurge 1 and maxUnavailable 0: a new pod comes first, and
                    when it is ready and in DNS an old one goes. Example: samplectl restart grpc
                    """)
        case .set:
            VerbSyntax(
                rawValue, summary: "go over to another load-balancing mode or policy, while the system runs",
                operands: ["mode=M|policy=P", "[policy=P]"], options: Instance.settings,
                remarks: """
                    What the new mode needs comes first, then the pods that must register, then the gateway; what
                    only the old mode needed goes last. No request fails. Without policy= the mode has its own.
                    Example: samplectl set mode=etcd
                    """ + "\n\n" + Mode.help)
        case .readiness:
            VerbSyntax(
                rawValue, summary: "take a pod out of DNS, or put it back, while it runs on",
                operands: ["POD", "on|off"], options: Instance.settings,
                remarks: "It posts to /readyz/enable or /readyz/disable on the pod's admin port, and waits for DNS.")
        case .trouble:
            VerbSyntax(
                rawValue, summary: "make a grpc pod slow or faulty for a while", operands: TroubleCommand.operands,
                options: Instance.settings, remarks: TroubleCommand.remarks)
        case .kill:
            VerbSyntax(
                rawValue, summary: "end a pod's process with SIGKILL, as a crash would", operands: ["POD"],
                options: Instance.settings,
                remarks:
                    "The process starts again in the same pod, with the same name and address, as a container does.")
        case .demo:
            VerbSyntax(
                rawValue, summary: "show which pods get the calls, and why, and that none is lost",
                options: DemoCommand.settings)
        case .lab:
            VerbSyntax(
                rawValue, summary: "measure every load-balancing mode against what theory predicts",
                options: LabCommand.settings, remarks: LabCommand.remarks)
        case .completion:
            VerbSyntax(
                rawValue, summary: "print what makes a shell complete verbs, options, modes and pods",
                operands: [CompletionScript.names],
                remarks: """
                    make install puts it where the shells look for it. Without that, in ~/.bashrc or ~/.zshrc:

                      source <(samplectl completion bash)
                      source <(samplectl completion zsh)    (after compinit)
                    """)
        case .version: VerbSyntax(rawValue, summary: "print the version, as --version does")
        case .explain: VerbSyntax(rawValue, summary: "tell the options of a verb", operands: ["[VERB]"])
        }
    }

    package static func named(_ name: String) throws(UsageError) -> Verb {
        if let verb = Verb(rawValue: name) { return verb }
        let nearest = EditDistance.nearest(to: name, among: listed.map(\.rawValue))
        let hint = nearest.map { "did you mean \($0)?" } ?? "\(Program.name) --help lists them"
        throw UsageError("there is no verb '\(name)'; \(hint)")
    }

    package static var help: String {
        let width = listed.map(\.rawValue.count).max() ?? 0
        let lines = listed.flatMap { Paragraphs.item("  \($0.rawValue)", $0.syntax.summary, column: width + 4) }
        return """
            usage: samplectl VERB [options]

            Runs nginx, the gateway and the gRPC pods on this machine as they would
            run in a Kubernetes cluster: an address per pod, DNS names, ClusterIP,
            readiness.

            \(lines.joined(separator: "\n"))

            samplectl help VERB tells the options of a verb, samplectl --version
            the version. POD is a pod's name, or a part that no other has.

            """
    }
}
