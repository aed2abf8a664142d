import RPCCore
package import Settings

/// What a program can be told of Consul, by the variables that Consul's own tools read.
package struct ConsulSettings: Sendable {
    private static let address = Setting(
        "CONSUL_HTTP_ADDR", .string("HOST:PORT"), default: "",
        help: "Consul's agent: host:port or http://host:port; port 8500 if there is none.")
    private static let token = Setting(
        "CONSUL_HTTP_TOKEN", .string("SECRET"), default: "",
        help: "What Consul's access control asks for. A flag can be seen by others on the machine; a variable cannot.")

    package static let settings: [any AnySetting] = [address, token]

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
