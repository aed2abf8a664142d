import Bytes
import Protobuf

/// Writes a file's descriptor as a table for reflection.
enum DescriptorGenerator {
    private static let lineLength = 100

    static func write(_ file: FileDescriptorProto, to code: inout CodeWriter) {
        var descriptor = file
        // Where things are in the file, and the comments: half of it, and nobody asks a server for them.
        descriptor.sourceCodeInfo = nil
        code.line("package import Protobuf")
        code.line()
        code.block("extension ProtoFile") { code in
            code.line("/// `\(file.name)`.")
            code.line("package static let \(constant(file.name)) = ProtoFile(")
            code.indented { code in
                code.line("name: \"\(file.name)\",")
                code.line("dependencies: [\(file.dependency.map { ".\(constant($0))" }.joined(separator: ", "))],")
                code.line("symbols: [")
                code.indented { code in
                    for symbol in symbols(of: file) { code.line("\"\(symbol)\",") }
                }
                code.line("],")
                code.line("base64: \"\"\"")
                code.indented { code in
                    var rest = Base64.encode(descriptor.encoded)[...]
                    while rest.utf8.count > lineLength {
                        code.line("\(rest.prefix(lineLength))\\")
                        rest = rest.dropFirst(lineLength)
                    }
                    code.line("\(rest)")
                    code.line("\"\"\")")
                }
            }
        }
    }

    /// `grpc/health/v1/health.proto`: `grpcHealthV1Health`.
    private static func constant(_ path: String) -> String {
        let name = path.hasSuffix(".proto") ? String(path.dropLast(6)) : path
        return SwiftName.lowerCamel(String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" }))
    }

    /// Every name that a client may ask for.
    private static func symbols(of file: FileDescriptorProto) -> [String] {
        let scope = file.package.isEmpty ? "" : "\(file.package)."
        var symbols: [String] = []
        for service in file.service {
            symbols.append(scope + service.name)
            symbols += service.method.map { "\(scope)\(service.name).\($0.name)" }
        }
        func add(_ each: EnumDescriptorProto, _ scope: String) {
            symbols.append(scope + each.name)
            // As in C++, values are beside their enum, not inside it.
            symbols += each.value.map { scope + $0.name }
        }
        func add(_ message: DescriptorProto, _ scope: String) {
            symbols.append(scope + message.name)
            let inner = "\(scope)\(message.name)."
            symbols += message.field.map { inner + $0.name } + message.oneofDecl.map { inner + $0.name }
            for each in message.enumType { add(each, inner) }
            for each in message.nestedType { add(each, inner) }
        }
        for each in file.enumType { add(each, scope) }
        for message in file.messageType { add(message, scope) }
        return symbols
    }
}
