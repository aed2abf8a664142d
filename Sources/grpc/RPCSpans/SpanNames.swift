import RPCCore
import Telemetry

/// What spans of a method are called, made once for each. Loop thread only.
final class SpanNames {
    /// The same object for all calls of a method.
    final class Names {
        let sent: String
        let attempt: String
        let received: String
        let method: SpanRecord.Attribute

        init(_ method: MethodDescriptor) {
            let name = "\(method.service).\(method.method)"
            sent = "Sent.\(name)"
            attempt = "Attempt.\(name)"
            received = "Recv.\(name)"
            self.method = RPCAttributes.method(method)
        }
    }

    /// By path. Methods are the program's own.
    private var known: [String: Names] = [:]
    /// Calls come in runs for the same method, and its path is then the very same text.
    private var last: (path: String, names: Names)?

    func names(of method: MethodDescriptor) -> Names {
        if let last, last.path == method.path { return last.names }
        let names = known[method.path] ?? Names(method)
        known[method.path] = names
        last = (method.path, names)
        return names
    }
}
