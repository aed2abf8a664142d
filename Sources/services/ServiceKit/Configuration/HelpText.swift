import Bytes
import Settings

/// What `--help` prints.
enum HelpText {
    static func text(for program: ServiceProgram) -> String {
        Paragraphs.fit(
            """
            \(program.name) \(ServiceVersion.current): \(program.summary)

            Usage: \(program.name) [OPTION VALUE]...
                   \(program.name) probe [--addr ADDRESS] [--service NAME]
                   \(spaces(program.name))       [--timeout DURATION] [--tls...]

            Each option can be given as an environment variable instead; an option goes before its variable.

            \(program.allSettings.map(entry).joined(separator: "\n"))
              --help
                  Print this text.
              --version
                  Print the version.

            probe asks a running service whether it is ready: at --addr (HOST:PORT, unix:PATH or
            unix-abstract:NAME), or else where \(program.probeAddress.name) says, and for at most --timeout (default 1s). With --service it asks grpc-server
            about one of its gRPC services, and with --tls, --tls-ca FILE, --tls-server-name NAME, --tls-certificate FILE
            and --tls-key FILE over TLS.
            Where TLS_CERTIFICATE is set for grpc-server, and none of --addr, --service and --tls... is given, it asks
            /readyz where ADMIN_ADDRESS says.
            Its exit status is that of grpc_health_probe:
            0 serving, 1 bad arguments, 2 no connection, 3 the call failed, 4 not serving.

            """)
    }

    private static func spaces(_ name: String) -> String { String(repeating: " ", count: name.count) }

    private static func entry(_ setting: any AnySetting) -> String {
        let defaultText = setting.defaultText.isEmpty ? "no default" : "default \(setting.defaultText)"
        return "  \(setting.flag) \(setting.placeholder)\n      \(setting.help) (\(setting.name), \(defaultText))"
    }
}
