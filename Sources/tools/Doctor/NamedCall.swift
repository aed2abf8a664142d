import Diagnosis
import RPCCore

/// The call whose answer says who gave it: with an empty request, and a field of the reply.
package struct NamedCall: Sendable {
    package let service: String
    package let method: String
    /// `hostname`, or of a message within: `server.name`.
    package let field: String

    /// `method` is `package.Service/Method` or `package.Service.Method`; nil if it is neither.
    package init?(method: String, field: String) {
        let path = method.hasPrefix("/") ? method.dropFirst() : method[...]
        guard let cut = path.lastIndex(of: "/") ?? path.lastIndex(of: ".") else { return nil }
        service = String(path[..<cut])
        self.method = String(path[path.index(after: cut)...])
        self.field = field
        guard !service.isEmpty, !self.method.isEmpty, !field.isEmpty, !service.contains("/") else { return nil }
    }

    var descriptor: MethodDescriptor { MethodDescriptor(service: service, method: method) }
    var naming: Naming { .field(method: "\(service)/\(method)", field: field) }
}
