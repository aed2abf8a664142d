package import Addresses
package import Events
package import Settings
import Synchronization
import System
package import TLS
package import Telemetry

/// What a service can be told about TLS where it serves: with a certificate it speaks TLS and nothing else.
package enum TLSServerOptions {
    private static let certificate = Setting(
        "TLS_CERTIFICATE", .string("FILE"), default: "",
        help:
            "Serve over TLS, with this certificate and those between it and its authority (PEM). Like all files of TLS"
            + " it is read again when it has changed.")
    private static let key = Setting(
        "TLS_KEY", .string("FILE"), default: "", help: "Its private key (PEM, without a password).")
    private static let clientAuthorities = Setting(
        "TLS_CLIENT_CA", .string("FILE"), default: "",
        help: "Ask clients for certificates, and refuse those that none of these authorities has signed (PEM).")

    package static let settings: [any AnySetting] = [certificate, key, clientAuthorities]

    /// Whether a program with these settings serves over TLS, as its environment has it.
    static func isOnInEnvironment(_ settings: [any AnySetting]) -> Bool {
        settings.contains { $0.name == clientAuthorities.name } && Program.environment(certificate.name) ?? "" != ""
    }

    /// Plain sockets if nothing is said of TLS. What clients do wrong is told in the log, each cause once a minute.
    package static func acceptor(
        _ values: SettingValues, protocols: [String], log: Log
    ) throws(UsageError) -> any StreamAcceptor {
        let files = TLSFiles(
            certificate: values.text(certificate), key: values.text(key), authorities: values.text(clientAuthorities))
        guard files != TLSFiles() else { return PlainSockets() }
        guard files.certificate != nil, files.key != nil else {
            throw UsageError("TLS takes both TLS_CERTIFICATE and TLS_KEY")
        }
        var rules = TLSMaterial(.server)
        rules.protocols = protocols
        rules.requiresProtocol = true
        let digest = Digest()
        do {
            return TLSAcceptor(try TLSCredentials(rules, files: files) { log.warn($0) }) { fault, peer in
                let text = "TLS handshake with \(peer.map { "\($0)" } ?? "a client") failed: \(fault)"
                if let line = digest.note(fault.kind, text) { log.warn(line) }
            }
        } catch {
            let setting =
                switch error.kind {
                case .key: key
                case .authorities: clientAuthorities
                default: certificate
                }
            throw values.rejection(of: setting, because: error.description)
        }
    }

    /// Handshakes may fail on all loops at once.
    private final class Digest: Sendable {
        private let digest = Mutex(FaultDigest<TLSFault.Kind>())

        func note(_ kind: TLSFault.Kind, _ text: String) -> String? {
            digest.withLock { $0.note(kind, text, at: MonotonicClock.now) }
        }
    }
}

/// What a service or a probe can be told about TLS where it calls.
package enum TLSClientOptions {
    private static let isOn = Setting(
        "TLS", .boolean, default: false,
        help: "Call over TLS; on by itself if TLS_CA is given, and else with the authorities that the system believes.")
    private static let authorities = Setting(
        "TLS_CA", .string("FILE"), default: "",
        help: "Call over TLS, and believe servers whose certificates one of these authorities has signed (PEM).")
    package static let serverName = Setting(
        "TLS_SERVER_NAME", .string("NAME"), default: "",
        help: "The name or address that a server's certificate must be for; without it, the one that is called.")
    private static let certificate = Setting(
        "TLS_CERTIFICATE", .string("FILE"), default: "",
        help: "Shown to servers that ask for a client's certificate (PEM).")
    private static let key = Setting(
        "TLS_KEY", .string("FILE"), default: "", help: "Its private key (PEM, without a password).")

    package static let settings: [any AnySetting] = [isOn, authorities, serverName, certificate, key]

    /// nil if nothing is said of TLS. `name` is that of the server unless a setting says otherwise. `noted` hears what
    /// became of each connection's TLS.
    package static func dialer(
        _ values: SettingValues, to name: String?, protocols: [String],
        told: @escaping @Sendable (String) -> Void = { _ in },
        noted: (@Sendable (SocketAddress, TLSReport) -> Void)? = nil
    ) throws(UsageError) -> (any Dialer)? {
        let files = TLSFiles(
            certificate: values.text(certificate), key: values.text(key), authorities: values.text(authorities))
        guard values[isOn] || files.authorities != nil else {
            // Whoever has said one of them does not mean clear text.
            for setting in [serverName, certificate, key] where values.text(setting) != nil {
                throw values.rejection(of: setting, because: "it is of TLS, which TLS=true or TLS_CA turns on")
            }
            return nil
        }
        guard let name = values.text(serverName) ?? name else {
            throw UsageError(
                "TLS_SERVER_NAME: the target stands for several servers, or for none that has a name; say which name"
                    + " their certificates are for")
        }
        guard (files.certificate == nil) == (files.key == nil) else {
            throw UsageError("TLS takes both TLS_CERTIFICATE and TLS_KEY")
        }
        var rules = TLSMaterial(.client)
        rules.protocols = protocols
        do {
            return TLSDialer(try TLSCredentials(rules, files: files, told: told), serverName: name, noted: noted)
        } catch {
            let setting: any AnySetting =
                switch error.kind {
                case .certificate: certificate
                case .key: key
                default: files.authorities == nil ? isOn : authorities
                }
            throw values.rejection(of: setting, because: error.description)
        }
    }
}

extension SettingValues {
    /// nil if it is empty, as an environment variable of a chart may be.
    fileprivate func text(_ setting: Setting<String>) -> String? {
        let text = self[setting]
        return text.isEmpty ? nil : text
    }
}
