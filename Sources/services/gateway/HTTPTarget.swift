package import Addresses
import Bytes

/// The URL of `HTTP_TARGET`: `http://host[:port][/path]`.
package struct HTTPTarget: Equatable, Sendable {
    package enum Host: Equatable, Sendable {
        case address(IPAddress)
        case name(String)
    }

    package let host: Host
    package let port: UInt16
    /// What goes into the request line.
    package let path: String
    /// What goes into the field Host.
    package let authority: String

    /// The host without its port.
    var hostText: String {
        switch host {
        case .address(let address): address.description
        case .name(let name): name
        }
    }

    static let expectation = "an http URL such as http://sample-service-js:8080/js/hello"

    /// nil for text that is no such URL. User, query and fragment are none of the parts that a backend here needs.
    package init?(_ text: String) {
        let scheme = "http://"
        guard text.hasPrefix(scheme), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !text.utf8.contains(where: { [UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "@")].contains($0) })
        else { return nil }
        let rest = text.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        authority = String(rest[..<slash])
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
        guard let (name, port) = HTTPTarget.split(authority) else { return nil }
        self.port = port
        if let address = IPAddress(name) {
            host = .address(address)
        } else {
            guard !name.isEmpty, name.utf8.allSatisfy(HTTPTarget.isNameByte) else { return nil }
            host = .name(name)
        }
    }

    /// Port 80 if there is none.
    private static func split(_ authority: String) -> (host: String, port: UInt16)? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let literal = String(authority[authority.index(after: authority.startIndex)..<end])
            let rest = authority[authority.index(after: end)...]
            guard IPAddress(literal) != nil else { return nil }
            if rest.isEmpty { return (literal, 80) }
            return rest.hasPrefix(":") ? number(rest.dropFirst()).map { (literal, $0) } : nil
        }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return (authority, 80)
        case 2: return number(parts[1]).map { (String(parts[0]), $0) }
        default: return nil
        }
    }

    private static func number(_ text: Substring) -> UInt16? {
        SocketAddress.port(text).flatMap { $0 > 0 ? $0 : nil }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit
            || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
    }
}
