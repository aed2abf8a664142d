import ProtobufRPC
import RPCClient
import RPCCore
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
        var files: [[UInt8]] = []
        var known: Set<String> = []
        var wanted: [ServerReflectionRequest.MessageRequest] = [.fileContainingSymbol(symbol)]
        // Some servers send a file with all that it imports, others the file alone.
        while let next = wanted.popLast() {
            var request = ServerReflectionRequest()
            request.messageRequest = next
            try await call.send(request)
            guard let response = try await call.replies.next() else {
                throw RPCError(.internal, "reflection ended without an answer")
            }
            switch response.messageResponse {
            case .fileDescriptorResponse(let response)?:
                files += response.fileDescriptorProto
                for file in response.fileDescriptorProto {
                    guard let fields = try? RawField.all(in: file) else { continue }
                    for case (1, .bytes(let name)) in fields { known.insert(String(decoding: name, as: UTF8.self)) }
                }
                wanted =
                    files.flatMap { (try? RawField.all(in: $0)) ?? [] }.compactMap {
                        guard case (3, .bytes(let name)) = $0 else { return nil }
                        let text = String(decoding: name, as: UTF8.self)
                        return known.insert(text).inserted ? .fileByFilename(text) : nil
                    } + wanted
            // An import that it does not have is not needed, or missed later.
            case .errorResponse where !files.isEmpty: continue
            case .errorResponse(let response)?:
                throw RPCError(.notFound, "reflection does not know \(symbol): \(response.errorMessage)")
            default:
                throw RPCError(.internal, "reflection gave an answer to another question")
            }
        }
        call.finishSending()
        return files
    }
}
