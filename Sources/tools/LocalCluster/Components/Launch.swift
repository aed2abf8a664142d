package import System
import Telemetry
import Timing

/// A process to start, with the files that it wants to find.
package struct Launch: Equatable, Sendable {
    package enum File: Equatable, Sendable {
        /// Lies beside the program.
        case sibling(String)
        /// Is looked for in PATH and in the sbin directories; `package` is Debian's name for what to install.
        case system(String, package: String)
        /// Is looked for there, and in the source tree, where `make deps` puts what Debian lacks; `remedy` says how to
        /// get it.
        case part(String, remedy: String)
    }

    package var file: File
    package var arguments: [String] = []
    package var environment: [String: String] = [:]
    /// Paths relative to the pod's directory.
    package var directories: [String] = []
    package var files: [String: String] = [:]
    /// What asks it to end when it has done what it is doing.
    package var stopSignal = Signal.terminate
    /// From that signal to SIGKILL.
    package var gracePeriod = PodMachine.Settings.defaults.gracePeriod
    /// What is asked before that signal, within the same time: Kubernetes' preStop hook, for a process that drops what it
    /// is doing when it gets the signal.
    package var preStop: HTTPRequest?
    /// Run beside it: each is ready before it starts, and ends after it.
    package var sidecars: [Sidecar] = []

    /// A GET to the pod's address.
    package struct HTTPRequest: Equatable, Sendable {
        package let port: UInt16
        package let path: String

        package init(port: UInt16, path: String) {
            self.port = port
            self.path = path
        }
    }

    /// A container of Kubernetes' `initContainers` with `restartPolicy: Always`.
    package struct Sidecar: Equatable, Sendable {
        package let name: String
        package let launch: Launch
        /// Its answer 200 means that it is ready.
        package let readiness: HTTPRequest

        package init(name: String, launch: Launch, readiness: HTTPRequest) {
            self.name = name
            self.launch = launch
            self.readiness = readiness
        }
    }

    /// All programs that it takes.
    package var programs: [File] { [file] + sidecars.flatMap(\.launch.programs) }

    package init(_ file: File) {
        self.file = file
    }
}

extension Launch {
    /// One of the Swift services, with the variables that every one of them reads.
    static func service(_ program: String, _ context: PodContext, shutdownDelay: Duration) -> Launch {
        var launch = Launch(.sibling(program))
        launch.gracePeriod = context.options.gracePeriod(afterDelay: shutdownDelay)
        launch.environment = [
            "LISTEN_ADDRESS": "\(context.socketAddress(port: Component.servicePort))",
            "ADMIN_ADDRESS": "\(context.socketAddress(port: Component.adminPort))",
            "POD_NAME": context.podName,
            "POD_IP": "\(context.podAddress)",
            "POD_NAMESPACE": "default",
            "SHUTDOWN_DELAY": DurationText.format(shutdownDelay),
            "SHUTDOWN_GRACE": DurationText.format(context.options.shutdownGrace),
            "LOG_LEVEL": context.options.logLevel.rawValue,
            "LOG_FORMAT": context.options.logFormat.rawValue,
        ]
        if let endpoint = context.options.otlpEndpoint {
            launch.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint
            // Who has a system on his machine wants to see what he has just done.
            launch.environment["OTEL_BSP_SCHEDULE_DELAY"] = "500"
        }
        return launch
    }
}

extension Launch.HTTPRequest {
    /// Whether one of the Swift services is ready.
    package static let admin = Launch.HTTPRequest(port: Component.adminPort, path: "/readyz")
}
