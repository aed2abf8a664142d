import Bytes
package import Protobuf
package import RPCCore

/// What reflection answers from: a server's services, and the files that they and their messages are declared in. Pure.
///
/// Answers are grpc-go's. There are no extensions, since all files are proto3.
package struct ReflectionIndex: Sendable {
    private let services: [String]
    private var files: [String: ProtoFile] = [:]
    /// By full name.
    private var declaringFiles: [String: ProtoFile] = [:]

    /// `services` are full names. Files that are imported need not be named.
    package init(services: some Sequence<String>, files: [ProtoFile]) {
        self.services = services.sorted()
        for file in files { add(file) }
    }

    private mutating func add(_ file: ProtoFile) {
        if files.updateValue(file, forKey: file.name) != nil { return }
        for symbol in file.symbols { declaringFiles[symbol] = file }
        for dependency in file.dependencies { add(dependency) }
    }

    /// The answer to one request of a stream. `sent` are the names of the files that its client has: an import comes once.
    ///
    /// What is unknown is an answer, too, with NOT_FOUND in it; only a request that asks nothing is an error of the call.
    package func answer(
        _ request: ServerReflectionRequest, sent: inout Set<String>
    ) throws(RPCError) -> ServerReflectionResponse {
        let content: ServerReflectionResponse.MessageResponse
        switch request.messageRequest {
        case .fileByFilename(let name)?:
            content = response(files[name], "file", name, &sent)
        case .fileContainingSymbol(let name)?:
            content = response(declaringFiles[name], "symbol", name, &sent)
        case .fileContainingExtension(let wanted)?:
            content = notFound("extension \(wanted.extensionNumber) of", wanted.containingType)
        case .allExtensionNumbersOfType(let name)?:
            content =
                declaringFiles[name] == nil
                ? notFound("type", name)
                : .allExtensionNumbersResponse(ExtensionNumberResponse(baseTypeName: name))
        case .listServices?:
            let names = services.map { ServiceResponse(name: $0) }
            content = .listServicesResponse(ListServiceResponse(service: names))
        case nil:
            throw RPCError(.invalidArgument, "the request asks for nothing that reflection knows")
        }
        return ServerReflectionResponse(validHost: request.host, originalRequest: request, messageResponse: content)
    }

    private func response(
        _ file: ProtoFile?, _ kind: String, _ name: String, _ sent: inout Set<String>
    ) -> ServerReflectionResponse.MessageResponse {
        guard let file else { return notFound(kind, name) }
        sent.insert(file.name)
        var descriptors = [file.descriptor]
        var waiting = file.dependencies
        var seen: Set = [file.name]
        while let next = waiting.popLast() {
            guard seen.insert(next.name).inserted else { continue }
            if sent.insert(next.name).inserted { descriptors.append(next.descriptor) }
            waiting += next.dependencies
        }
        return .fileDescriptorResponse(FileDescriptorResponse(fileDescriptorProto: descriptors))
    }

    private func notFound(_ kind: String, _ name: String) -> ServerReflectionResponse.MessageResponse {
        let message = "\(kind) \"\(PrintableText.shortened(name))\" is not known here"
        return .errorResponse(
            ErrorResponse(errorCode: Int32(StatusCode.notFound.rawValue), errorMessage: message))
    }
}
