package import RPCCore

/// A channel's target as gRPC's naming.md writes it: `scheme:[//authority/]endpoint`.
///
/// `dns:///pods.default:8080`, `dns://10.0.0.10:53/pods:8080`, `pods:8080` (the scheme is dns then), `ipv4:10.0.0.1:80,…`,
/// `unix:path`, `unix-abstract:name`, `passthrough:///host:8080`.
package struct Target: Hashable, Sendable, CustomStringConvertible {
    package let scheme: String
    /// Whom to ask; empty for the system's choice.
    package let authority: String
    /// What to find, without the slash that follows the authority.
    package let endpoint: String

    package static let defaultScheme = "dns"

    package init(scheme: String, authority: String = "", endpoint: String) {
        self.scheme = scheme
        self.authority = authority
        self.endpoint = endpoint
    }

    /// Text without a known scheme is a name for the default one, as naming.md asks: in `localhost:8080` the part
    /// before the colon is not a scheme.
    package init(_ text: String, knownSchemes: Set<String>) throws(RPCError) {
        guard let colon = text.firstIndex(of: ":"), knownSchemes.contains(String(text[..<colon]).lowercased()) else {
            guard !text.contains("://") else {
                let known = knownSchemes.sorted().joined(separator: ", ")
                throw Target.invalid(text, "its scheme, \"\(Target.scheme(of: text))\", is not one of: \(known)")
            }
            guard !text.isEmpty else { throw Target.invalid(text, "it is empty") }
            self.init(scheme: Target.defaultScheme, endpoint: text)
            return
        }
        let scheme = String(text[..<colon]).lowercased()
        let rest = text[text.index(after: colon)...]
        guard rest.hasPrefix("//") else {
            guard !rest.isEmpty else { throw Target.invalid(text, "nothing follows the scheme") }
            self.init(scheme: scheme, endpoint: String(rest))
            return
        }
        let afterSlashes = rest.dropFirst(2)
        guard let slash = afterSlashes.firstIndex(of: "/") else {
            throw Target.invalid(text, "a '/' must end the authority, as in \(scheme):///host:port")
        }
        // unix:///abs keeps its slash: it is the path's own, and so does an abstract name, which may have one.
        let start = scheme.hasPrefix("unix") ? slash : afterSlashes.index(after: slash)
        let endpoint = afterSlashes[start...]
        guard !endpoint.isEmpty else { throw Target.invalid(text, "no endpoint follows the authority") }
        self.init(scheme: scheme, authority: String(afterSlashes[..<slash]), endpoint: String(endpoint))
    }

    private static func scheme(of text: String) -> Substring { text.prefix { $0 != ":" } }

    private static func invalid(_ text: String, _ reason: String) -> RPCError {
        RPCError(.invalidArgument, "target \"\(text)\" cannot be used: \(reason)")
    }

    package var description: String {
        authority.isEmpty && scheme != "dns" ? "\(scheme):\(endpoint)" : "\(scheme)://\(authority)/\(endpoint)"
    }
}
