package import Addresses
package import Events
package import Settings
import SpanExport
import System

/// A service as an executable: its settings, its verbs, its beginning and its end.
///
///     ServiceProgram(name: "grpc-server", summary: "…", settings: [maxConnectionAge], probe: healthProbe)
///         .run { service in … }
package struct ServiceProgram: Sendable {
    package typealias Probe = @Sendable (ProbeOptions, EventLoop) async -> ProbeOutcome

    package let name: String
    /// One line for `--help`.
    package let summary: String
    /// Those that only this service has.
    package let settings: [any AnySetting]
    /// Where `probe` asks if it is not told.
    let probeAddress: Setting<SocketAddress>
    private let probe: Probe

    /// Without a probe of its own, a service is asked over HTTP on its admin port.
    package init(
        name: String, summary: String, settings: [any AnySetting],
        probeAddress: Setting<SocketAddress> = CommonOptions.adminAddress, probe: @escaping Probe = HTTPProbe.run
    ) {
        self.name = name
        self.summary = summary
        self.settings = settings
        self.probeAddress = probeAddress
        self.probe = probe
    }

    var allSettings: [any AnySetting] { CommonOptions.settings + settings + TracingSettings.all }

    /// Reads arguments and environment, and does what they say.
    ///
    /// `start` builds the service on its first loop, which is the calling thread's: it opens listeners and adds hooks,
    /// and must not block. The service is ready when it returns. An error that it throws ends the program: status 64
    /// for a `UsageError`, 1 for any other, and one line on standard error.
    ///
    /// Call it from a nonisolated function: closures that are made on the main actor trap on other threads.
    package nonisolated func run(_ start: @escaping @Sendable (Service) throws -> Void) -> Never {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "probe" { runProbe(Array(arguments.dropFirst())) }
        do {
            switch try CommandLineParser(allSettings).parse(arguments, environment: Program.environment) {
            case .help: succeed(HelpText.text(for: self))
            case .version: succeed("\(name) \(ServiceVersion.current)\n")
            case .values(let values): serve(values, start)
            }
        } catch {
            fail(error, status: UsageError.exitStatus)
        }
    }

    private nonisolated func serve(
        _ values: SettingValues, _ start: @escaping @Sendable (Service) throws -> Void
    ) -> Never {
        Program.raiseDescriptorLimit()
        do {
            // Before any thread starts: a signal is caught only if all threads block it.
            SignalSource.block([.terminate, .interrupt])
            let first = try EventLoop()
            let count = values[CommonOptions.eventLoops]
            let others = try (1..<count).map { try EventLoop.startThread(named: "loop-\($0)") }
            first.execute {
                do {
                    let service = try Service(program: self, values: values, loops: [first] + others)
                    try service.begin(start)
                } catch let error as UsageError {
                    fail(error, status: UsageError.exitStatus)
                } catch {
                    fail(error, status: 1)
                }
            }
            first.run()
        } catch {
            fail(error, status: 1)
        }
        Program.exit(0)
    }

    private nonisolated func runProbe(_ arguments: [String]) -> Never {
        do {
            let admin = TLSServerOptions.isOnInEnvironment(settings) ? configured(CommonOptions.adminAddress) : nil
            guard
                let options = try ProbeOptions.parse(
                    arguments, defaultAddress: configured(probeAddress), adminAddress: admin)
            else { succeed(HelpText.text(for: self)) }
            let probe = options.asksAdminPort ? HTTPProbe.run : probe
            let loop = try EventLoop()
            loop.execute { loop.startTask { report(await probe(options, loop)) } }
            loop.run()
        } catch let error as UsageError {
            report(.badArguments(error.description))
        } catch {
            report(.callFailed("\(error)"))
        }
        Program.exit(ProbeOutcome.callFailed("").exitStatus)
    }

    private nonisolated func configured(_ address: Setting<SocketAddress>) -> SocketAddress {
        address.value(of: Program.environment(address.name) ?? "") ?? address.defaultValue
    }

    private nonisolated func report(_ outcome: ProbeOutcome) -> Never {
        let output: Program.Output = outcome == .serving ? .standard : .error
        output.write("\(outcome.message)\n")
        Program.exit(outcome.exitStatus)
    }

    private nonisolated func succeed(_ text: String) -> Never {
        Program.Output.standard.write(text)
        Program.exit(0)
    }

    private nonisolated func fail(_ error: any Error, status: Int32) -> Never {
        let settings = [CommonOptions.listenAddress, CommonOptions.adminAddress].map(\.flag).joined(separator: " or ")
        let isInUse = (error as? SystemError)?.isAddressInUse == true
        let hint = isInUse ? "; choose another one by \(settings), or stop its owner" : ""
        Program.complain("\(error)\(hint)", as: name)
        Program.exit(status)
    }
}
