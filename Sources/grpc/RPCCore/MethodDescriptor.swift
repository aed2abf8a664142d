/// How many messages go each way.
package enum CallType: Hashable, Sendable {
    case unary
    case clientStreaming
    case serverStreaming
    case bidirectional

    /// The client sends exactly one message, not any number of them.
    package var takesOneRequest: Bool { self == .unary || self == .serverStreaming }
    /// The server answers an OK call with exactly one message.
    package var bringsOneReply: Bool { self == .unary || self == .clientStreaming }

    /// As error messages have it.
    package var name: String {
        switch self {
        case .unary: "unary"
        case .clientStreaming: "client-streaming"
        case .serverStreaming: "server-streaming"
        case .bidirectional: "bidirectional"
        }
    }
}

/// Names one method of one service.
package struct MethodDescriptor: Hashable, Sendable {
    /// With its package: `sample.service.HelloWorld`.
    package let service: String
    package let method: String
    /// What goes into `:path`: `/sample.service.HelloWorld/SayHello`.
    package let path: String
    package let type: CallType

    package init(service: String, method: String, type: CallType = .unary) {
        self.service = service
        self.method = method
        self.type = type
        path = "/\(service)/\(method)"
    }
}
