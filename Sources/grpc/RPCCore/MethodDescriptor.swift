/// Names one method of one service.
package struct MethodDescriptor: Hashable, Sendable {
    /// With its package: `sample.service.HelloWorld`.
    package let service: String
    package let method: String
    /// What goes into `:path`: `/sample.service.HelloWorld/SayHello`.
    package let path: String

    package init(service: String, method: String) {
        self.service = service
        self.method = method
        path = "/\(service)/\(method)"
    }
}
