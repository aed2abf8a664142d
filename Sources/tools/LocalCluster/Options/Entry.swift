package import Addresses
import Settings

/// Where clients connect to nginx.
extension UpOptions {
    package var entry: SocketAddress { .ip(listen, port: port) }

    /// Who else may use the system then, for people.
    package var listenWarning: String? {
        if listen.isLoopback { return nil }
        let who = listen.isUnspecified ? "any of this machine's addresses" : "\(listen)"
        return "--listen \(listen): whoever reaches \(who) can use the system; nobody is asked for a password"
    }

    /// What a browser or curl on this machine takes for an entry at this address.
    package static func url(of entry: SocketAddress) -> String {
        switch entry {
        case .ip(.v4(0), let port): url(of: .ip(.loopback, port: port))
        case .ip(.v6(0), let port): url(of: .ip(.v6(1), port: port))
        case .ip, .unix, .unixAbstract, .host: "http://\(entry)"
        }
    }
}

extension IPAddress {
    package static var loopback: IPAddress { .v4(0x7f00_0001) }

    /// 127.0.0.0/8 (RFC 1122 section 3.2.1.3), or ::1.
    package var isLoopback: Bool {
        switch self {
        case .v4(let address): address >> 24 == 127
        case .v6(let address): address == 1
        }
    }

    /// Multicast and broadcast (RFC 5771, RFC 4291 section 2.7, RFC 919), which the kernel lets a server listen on, and
    /// where nobody can connect.
    var isOfManyMachines: Bool {
        switch self {
        case .v4(let address): address >> 28 == 0xe || address == .max
        case .v6(let address): address >> 120 == 0xff
        }
    }

    /// ::ffff:127.0.0.1 as 127.0.0.1 (RFC 4291 section 2.5.5.2): nginx sets IPV6_V6ONLY, and cannot bind to the former.
    var unmapped: IPAddress {
        if case .v6(let address) = self, address >> 32 == 0xffff { return .v4(UInt32(truncatingIfNeeded: address)) }
        return self
    }

    /// Stands for every address of the machine.
    package var isUnspecified: Bool { self == .v4(0) || self == .v6(0) }
}

extension SettingKind<IPAddress> {
    /// Also `localhost`, which is 127.0.0.1 then.
    static var ipAddress: SettingKind {
        SettingKind(
            placeholder: "ADDRESS", expectation: "an IP address, such as 127.0.0.1 or 0.0.0.0",
            parse: { text in
                text == "localhost"
                    ? .loopback : (IPAddress(text)?.unmapped).flatMap { $0.isOfManyMachines ? nil : $0 }
            }, format: \.description)
    }
}
