/// Writes for each service of a file what its methods are called, what a server of it has to do, and a client.
struct ServiceGenerator {
    let types: TypeIndex
    let comments: Comments
    let parts: Set<PluginOptions.Part>

    private struct Method {
        let name: String
        let request: String
        let reply: String
        let descriptor: MethodDescriptorProto
        let comment: [String]
        /// The constant that names the method: `HelloWorld.sayHello`.
        let constant: String

        /// As `RPCRouter` and `Channel` call the type of call.
        var kind: String {
            switch (descriptor.clientStreaming, descriptor.serverStreaming) {
            case (false, false): "unary"
            case (false, true): "serverStreaming"
            case (true, false): "clientStreaming"
            case (true, true): "bidirectional"
            }
        }
    }

    func write(_ file: FileDescriptorProto, to code: inout CodeWriter) {
        let methods = file.service.flatMap(\.method)
        if parts.contains(.server) { code.line("import Protobuf") }
        // Only streams have its types in their declarations.
        let hasStreams = methods.contains { $0.clientStreaming || $0.serverStreaming }
        code.line(hasStreams ? "package import ProtobufRPC" : "import ProtobufRPC")
        if parts.contains(.client) { code.line("package import RPCClient") }
        code.line("package import RPCCore")
        if parts.contains(.server) { code.line("package import RPCServer") }
        for (index, service) in file.service.enumerated() {
            write(service, in: file, at: Comments.Path().service(index), to: &code)
        }
    }

    private func write(
        _ service: ServiceDescriptorProto, in file: FileDescriptorProto, at path: Comments.Path,
        to code: inout CodeWriter
    ) {
        let swift = ServiceName(service, in: file)
        let names = swift.methods
        let fullName = file.package.isEmpty ? service.name : "\(file.package).\(service.name)"
        let methods = service.method.enumerated().map { index, method in
            let constant = SwiftName.ofMethod(method.name)
            return Method(
                name: SwiftName.quoted(constant), request: types.message(method.inputType)?.swiftName ?? "",
                reply: types.message(method.outputType)?.swiftName ?? "", descriptor: method,
                comment: comments.lines(path.method(index)), constant: "\(names).\(SwiftName.quoted(constant))")
        }
        let lines = comments.lines(path)

        code.line()
        code.comment(["`\(fullName)`: the names of its methods."])
        code.block("package enum \(names)") { code in
            code.line("package static let service = \"\(fullName)\"")
            for method in methods {
                let type = method.kind == "unary" ? "" : ", type: .\(method.kind)"
                code.line(
                    "package static let \(method.name) = MethodDescriptor(service: service, "
                        + "method: \"\(method.descriptor.name)\"\(type))")
            }
        }
        if parts.contains(.server) { writeServer(swift.server, fullName, methods, lines, to: &code) }
        if parts.contains(.client) { writeClient(swift.client, fullName, methods, to: &code) }
    }

    // MARK: Server

    private func writeServer(
        _ name: String, _ fullName: String, _ methods: [Method], _ comment: [String], to code: inout CodeWriter
    ) {
        code.line()
        code.comment(comment.isEmpty ? ["What a server of `\(fullName)` does."] : comment)
        code.block("package protocol \(name)") { code in
            for (index, method) in methods.enumerated() {
                if index > 0 { code.line() }
                code.comment(method.comment)
                code.function(
                    "func \(method.name)", parameters(method, labelled: true),
                    " async throws(RPCError)\(method.descriptor.serverStreaming ? "" : " -> \(method.reply)")",
                    hasBody: false)
            }
        }
        code.line()
        code.block("extension RPCRouter") { code in
            code.comment([
                "Serves `\(fullName)`; `isApplication` is false for what probes call all the time."
            ])
            code.block("package mutating func add(_ service: some \(name), isApplication: Bool = true)") {
                code in
                for method in methods { writeRoute(method, to: &code) }
            }
        }
    }

    /// What a handler gets.
    private func parameters(_ method: Method, labelled: Bool) -> String {
        let label = labelled ? "_ " : ""
        let request =
            method.descriptor.clientStreaming
            ? "requests: MessageReader<\(method.request)>" : "request: \(method.request)"
        let replies = method.descriptor.serverStreaming ? ", \(label)replies: MessageWriter<\(method.reply)>" : ""
        return "\(label)\(request), \(label)context: ServerContext\(replies)"
    }

    private func writeRoute(_ method: Method, to code: inout CodeWriter) {
        code.block("\(method.kind)(\(method.constant), isApplication: isApplication)") { code in
            if method.kind == "unary" {
                // Decodes by itself, which saves a closure; see `decodeRequest`.
                code.line("(bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in")
                code.line("let request: \(method.request) = try decodeRequest(bytes, of: \(method.constant))")
                code.line("try await service.\(method.name)(request, context).append(to: &reply)")
            } else {
                let request = method.descriptor.clientStreaming ? "requests" : "request"
                let replies = method.descriptor.serverStreaming ? ", replies" : ""
                code.line("(\(parameters(method, labelled: false))) async throws(RPCError) in")
                code.line("try await service.\(method.name)(\(request), context\(replies))")
            }
        }
    }

    // MARK: Client

    private func writeClient(_ name: String, _ fullName: String, _ methods: [Method], to code: inout CodeWriter) {
        code.line()
        code.comment(["Calls `\(fullName)` over a channel, on the channel's loop."])
        code.block("package struct \(name)") { code in
            code.line("private let channel: Channel")
            code.line()
            code.block("package init(_ channel: Channel)") { $0.line("self.channel = channel") }
            for method in methods {
                code.line()
                code.comment(method.comment)
                writeCall(method, to: &code)
            }
        }
    }

    private func writeCall(_ method: Method, to code: inout CodeWriter) {
        let options = "options: CallOptions = CallOptions()"
        let (request, reply) = (method.request, method.reply)
        let (parameters, result, call) =
            switch method.kind {
            case "unary":
                (
                    "_ request: \(request), \(options)", " async throws(RPCError) -> \(reply)",
                    "try await channel.unary(\(method.constant), request, options: options)"
                )
            case "serverStreaming":
                (
                    "_ request: \(request), \(options)", " throws(RPCError) -> MessageReader<\(reply)>",
                    "try channel.serverStreaming(\(method.constant), request, options: options)"
                )
            case "clientStreaming":
                (
                    options, " -> ClientStreamingCall<\(request), \(reply)>",
                    "channel.clientStreaming(\(method.constant), options: options)"
                )
            default:
                (
                    options, " -> BidirectionalCall<\(request), \(reply)>",
                    "channel.bidirectional(\(method.constant), options: options)"
                )
            }
        code.function("package func \(method.name)", parameters, result, hasBody: true)
        code.indented { $0.line(call) }
        code.line("}")
    }
}
