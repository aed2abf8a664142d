import Bytes

/// Writes one request with a body of known length.
package enum HTTP1RequestSerializer {
    /// Returns false, and writes nothing, if method or target could not be sent as one request line.
    /// Host, Content-Length and Connection are written here; such fields of the program are left out.
    package static func append(
        method: HTTPMethod, target: String, host: String, fields: HTTPFields, body: [UInt8], keepAlive: Bool,
        to output: inout [UInt8]
    ) -> Bool {
        guard HTTP1Syntax.isToken(method.name.utf8.span), !target.isEmpty,
            target.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return false }
        HTTP1HeadWriter.append("\(method.name) \(target) HTTP/1.1\r\n", to: &output)
        HTTP1HeadWriter.append(name: "Host", value: host, to: &output)
        var others = fields
        others.remove("host")
        HTTP1HeadWriter.append(others, to: &output)
        if !body.isEmpty || method == .post || method == .put {
            HTTP1HeadWriter.append("Content-Length: \(body.count)\r\n", to: &output)
        }
        HTTP1HeadWriter.append(keepAlive ? "\r\n" : "Connection: close\r\n\r\n", to: &output)
        output.append(contentsOf: body)
        return true
    }
}
