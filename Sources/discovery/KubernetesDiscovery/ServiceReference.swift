import Addresses
import Bytes
package import LoadBalancing
package import RPCCore

/// A `kubernetes` target's endpoint: `service[.namespace]:port`.
package struct ServiceReference: Hashable, Sendable {
    /// EndpointSlices know nothing of the Service's own port: a name is the port's name in the Service and in its slices,
    /// a number is the pods' port, targetPort.
    package enum Port: Hashable, Sendable {
        case name(String)
        case number(UInt16)
    }

    package let service: String
    /// nil: this pod's own.
    package let namespace: String?
    package let port: Port

    package init(_ target: Target) throws(RPCError) {
        func unusable(_ reason: String) -> RPCError {
            RPCError(.invalidArgument, "target \"\(target)\" cannot be used: \(reason)")
        }
        guard target.authority.isEmpty else {
            throw unusable("the API server is the pod's own, so there is no authority: kubernetes:///service:port")
        }
        guard let colon = target.endpoint.lastIndex(of: ":") else {
            throw unusable("it has no port, as in kubernetes:///service:grpc or kubernetes:///service:8080")
        }
        let portText = target.endpoint[target.endpoint.index(after: colon)...]
        let name = target.endpoint[..<colon]
        let labels = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = labels.first, ServiceReference.isLabel(first) else {
            throw unusable("\"\(labels.first ?? "")\" is not the name of a Service")
        }
        service = String(first)
        if labels.count > 1 {
            guard ServiceReference.isLabel(labels[1]) else {
                throw unusable(
                    labels[1].contains(".")
                        ? "\"\(name)\" is a DNS name; expected service.namespace"
                        : "\"\(labels[1])\" is not the name of a namespace")
            }
            namespace = String(labels[1])
        } else {
            namespace = nil
        }
        if portText.utf8.allSatisfy(\.isASCIIDigit) {
            guard let number = SocketAddress.port(portText), number > 0 else {
                throw unusable("the port must be a number from 1 to 65535 or a name, not \"\(portText)\"")
            }
            port = .number(number)
        } else {
            guard ServiceReference.isPortName(portText) else {
                throw unusable(
                    "\"\(portText)\" is neither a port's number nor a name (1 to 15 of a-z, 0-9 and -, one a letter)")
            }
            port = .name(String(portText))
        }
    }

    /// RFC 1123's label, as Kubernetes has it: lower case only.
    static func isLabel(_ text: Substring) -> Bool {
        let isEdge = { (byte: UInt8) in byte.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        guard (1...63).contains(text.utf8.count), let first = text.utf8.first, let last = text.utf8.last else {
            return false
        }
        return isEdge(first) && isEdge(last) && text.utf8.allSatisfy { isEdge($0) || $0 == UInt8(ascii: "-") }
    }

    /// IANA_SVC_NAME (RFC 6335, section 5.1).
    private static func isPortName(_ text: Substring) -> Bool {
        isLabel(text) && text.utf8.count <= 15 && text.utf8.contains { !$0.isASCIIDigit && $0 != UInt8(ascii: "-") }
            && text.firstRange(of: "--") == nil
    }
}

extension ServiceReference.Port: CustomStringConvertible {
    package var description: String {
        switch self {
        case .name(let name): "named \"\(name)\""
        case .number(let number): "\(number)"
        }
    }
}
