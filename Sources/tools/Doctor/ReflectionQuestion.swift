import ProtobufRPC
import RPCClient
package import RPCCore
import StandardServices

/// Asks a server for the descriptors of one service (server-reflection.md).
enum ReflectionQuestion {
    /// grpcio's servers have only the older of the two, with the same messages.
    private static let services = [ServerReflection.service, "grpc.reflection.v1alpha.ServerReflection"]
    private static let method = ServerReflection.serverReflectionInfo.method

    static func files(of symbol: String, by channel: Channel, within limit: Duration) async throws(RPCError)
        -> [[UInt8]]
    {
        var last = RPCError(.unimplemented, "there is no reflection")
        for service in services {
            do throws(RPCError) {
                return try await files(of: symbol, by: channel, service, within: limit)
            } catch {
                guard error.code == .unimplemented else { throw error }
                last = error
            }
        }
        throw RPCError(.unimplemented, "the server has no reflection, so its answers cannot be read: \(last.message)")
    }

    private static func files(
        of symbol: String, by channel: Channel, _ service: String, within limit: Duration
    ) async throws(RPCError) -> [[UInt8]] {
        let descriptor = MethodDescriptor(service: service, method: method, type: .bidirectional)
        let call: BidirectionalCall<ServerReflectionRequest, ServerReflectionResponse> = channel.bidirectional(
            descriptor, options: CallOptions(timeout: limit))
        var collected = ReflectedFiles()
        var questions = 0
        var wanted: [ServerReflectionRequest.MessageRequest] = [.fileContainingSymbol(symbol)]
        // Some servers send a file with all that it imports, others the file alone.
        while let next = wanted.popLast() {
            questions += 1
            guard questions <= ReflectedFiles.mostFiles else { throw ReflectedFiles.tooMany }
            var request = ServerReflectionRequest()
            request.messageRequest = next
            try await call.send(request)
            guard let response = try await call.replies.next() else {
                throw RPCError(.internal, "reflection ended without an answer")
            }
            switch response.messageResponse {
            case .fileDescriptorResponse(let response)?:
                let imports = try collected.add(response.fileDescriptorProto)
                wanted = imports.map { .fileByFilename($0) } + wanted
            // An import that it does not have is not needed, or missed later.
            case .errorResponse where !collected.files.isEmpty: continue
            case .errorResponse(let response)?:
                throw RPCError(.notFound, "reflection does not know \(symbol): \(response.errorMessage)")
            default:
                throw RPCError(.internal, "reflection gave an answer to another question")
            }
        }
        call.finishSending()
        return collected.files
    }
}

/// What a server has sent of its descriptors: each is read once, and no server decides how many there are. Pure.
package struct ReflectedFiles {
    /// Google's largest public API, with all that it imports, has some 200.
    package static let mostFiles = 1000
    package static let mostBytes = 16 << 20

    static var tooMany: RPCError { RPCError(.resourceExhausted, "reflection has more than \(mostFiles) files") }

    package private(set) var files: [[UInt8]] = []
    private var known: Set<String> = []
    private var bytes = 0

    package init() {}

    /// Tells which files these import that nobody has named before.
    package mutating func add(_ more: [[UInt8]]) throws(RPCError) -> [String] {
        bytes += more.reduce(0) { $0 + $1.count }
        guard files.count + more.count <= ReflectedFiles.mostFiles else { throw ReflectedFiles.tooMany }
        guard bytes <= ReflectedFiles.mostBytes else {
            throw RPCError(
                .resourceExhausted, "reflection's files have more than \(ReflectedFiles.mostBytes >> 20) MiB")
        }
        files += more
        let fields = more.flatMap { (try? RawField.all(in: $0)) ?? [] }
        // First what is here, so that nobody asks for it.
        for case (1, .bytes(let name)) in fields { known.insert(String(decoding: name, as: UTF8.self)) }
        return fields.compactMap {
            guard case (3, .bytes(let name)) = $0 else { return nil }
            let text = String(decoding: name, as: UTF8.self)
            return known.insert(text).inserted ? text : nil
        }
    }
}
