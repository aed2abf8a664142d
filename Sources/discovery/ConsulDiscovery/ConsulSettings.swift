import RPCCore
package import Settings

/// What a program can be told of Consul, by the variables that Consul's own tools read.
package struct ConsulSettings: Sendable {
    private static let address = address("")
    private static let token = Setting(
        "CONSUL_HTTP_TOKEN", .string("SECRET"), default: "",
        help: "What Consul's access control asks for. A flag can be seen by others on the machine; a variable cannot.")

    private static func address(_ purpose: String) -> Setting<String> {
        Setting(
            "CONSUL_HTTP_ADDR", .string("HOST:PORT"), default: "",
            help: "\(purpose): host:port or http://host:port, port 8500 if there is none.")
    }

    /// `purpose` says what the program does with this agent of Consul's.
    package static func settings(_ purpose: String) -> [any AnySetting] { [address(purpose), token] }

    /// nil where no agent is named.
    package let address: ConsulAddress?
    package let token: ConsulToken?

    package init(_ values: SettingValues) throws(UsageError) {
        let text = values[ConsulSettings.address]
        do throws(RPCError) {
            address = text.isEmpty ? nil : try ConsulAddress(text)
        } catch {
            throw values.rejection(of: ConsulSettings.address, because: error.message)
        }
        let secret = values[ConsulSettings.token]
        token = ConsulToken(secret)
        guard secret.isEmpty || token != nil else {
            // Its text stays out of the message.
            throw UsageError("\(ConsulSettings.token.name): a token has printable ASCII characters only, and no blank")
        }
    }
}
