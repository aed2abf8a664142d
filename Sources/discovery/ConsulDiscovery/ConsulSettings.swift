import Events
import RPCCore
package import Settings
import TLS

/// What a program can be told of Consul, by the variables that Consul's own tools read.
package enum ConsulSettings {
    private static let address = address("")
    private static let token = Setting(
        "CONSUL_HTTP_TOKEN", .string("SECRET"), default: "",
        help: "What Consul's access control asks for. A flag can be seen by others on the machine; a variable cannot.")
    private static let authorities = Setting(
        "CONSUL_CACERT", .string("FILE"), default: "",
        help: "Whose certificates an agent at https:// may have (PEM); without it, those that the system believes.")
    private static let serverName = Setting(
        "CONSUL_TLS_SERVER_NAME", .string("NAME"), default: "",
        help: "The name that its certificate must be for, such as server.dc1.consul; without it, the one called.")
    private static let certificate = Setting(
        "CONSUL_CLIENT_CERT", .string("FILE"), default: "",
        help: "Shown to an agent that asks for a client's certificate (PEM).")
    private static let key = Setting(
        "CONSUL_CLIENT_KEY", .string("FILE"), default: "", help: "Its private key (PEM, without a password).")

    private static func address(_ purpose: String) -> Setting<String> {
        Setting(
            "CONSUL_HTTP_ADDR", .string("ADDRESS"), default: "",
            help: "\(purpose): host:port, http://host:port or https://host:port.")
    }

    /// `purpose` says what the program does with this agent of Consul's.
    package static func settings(_ purpose: String) -> [any AnySetting] {
        [address(purpose), token, authorities, serverName, certificate, key]
    }

    /// nil where no agent is named.
    package static func access(_ values: SettingValues) throws(UsageError) -> ConsulAccess? {
        let secret = values[token]
        let parsed = ConsulToken(secret)
        guard secret.isEmpty || parsed != nil else {
            // Its text stays out of the message.
            throw UsageError("\(token.name): a token has printable ASCII characters only, and no blank")
        }
        let text = values[address]
        if text.isEmpty { return nil }
        let place: ConsulAddress
        do throws(RPCError) {
            place = try ConsulAddress(text)
        } catch {
            throw values.rejection(of: address, because: error.message)
        }
        var access = ConsulAccess(place, token: parsed)
        if let dialer = try dialer(to: place, values) { access.dialer = dialer }
        return access
    }

    private static func dialer(
        to address: ConsulAddress, _ values: SettingValues
    ) throws(UsageError) -> (any Dialer)? {
        func text(_ setting: Setting<String>) -> String? { values[setting].isEmpty ? nil : values[setting] }
        guard address.isSecure else {
            // Whoever has said one of them does not mean clear text.
            for setting in [authorities, serverName, certificate, key] where text(setting) != nil {
                throw values.rejection(of: setting, because: "it is of TLS, and \(self.address.name) is not https://")
            }
            return nil
        }
        let files = TLSFiles(certificate: text(certificate), key: text(key), authorities: text(authorities))
        do throws(TLSFault) {
            return TLSDialer(
                try TLSCredentials(TLSMaterial(.client), files: files), serverName: text(serverName) ?? address.host)
        } catch {
            throw values.rejection(of: files.authorities == nil ? certificate : authorities, because: error.description)
        }
    }
}
