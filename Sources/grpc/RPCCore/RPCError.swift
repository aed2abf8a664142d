/// How a call failed: a status other than OK, with the trailing metadata that came with it.
package struct RPCError: Error, Hashable, Sendable, CustomStringConvertible {
    package var code: StatusCode
    /// For people: what failed and, where there is one, the cause.
    package var message: String
    package var metadata: Metadata

    package init(_ code: StatusCode, _ message: String, metadata: Metadata = Metadata()) {
        self.code = code
        self.message = message
        self.metadata = metadata
    }

    package var description: String { "\(code.name): \(message)" }
}
