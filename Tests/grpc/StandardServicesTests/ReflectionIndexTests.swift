import Bytes
import Protobuf
import RPCCore
import StandardServices
import Testing

@Suite struct ReflectionIndexTests {
    private static let base = ProtoFile(name: "base.proto", dependencies: [], symbols: ["a.Base"], base64: "AQ")
    private static let left = ProtoFile(name: "left.proto", dependencies: [base], symbols: ["a.Left"], base64: "Ag")
    private static let right = ProtoFile(name: "right.proto", dependencies: [base], symbols: ["a.Right"], base64: "Aw")
    private static let top = ProtoFile(
        name: "top.proto", dependencies: [left, right], symbols: ["a.Top", "a.Top.Get", "a.Request", "a.Request.name"],
        base64: "BA")
    private let index = ReflectionIndex(services: ["b.Second", "a.Top"], files: [top])

    private func answer(
        _ question: ServerReflectionRequest.MessageRequest, _ sent: inout Set<String>
    ) throws -> ServerReflectionResponse.MessageResponse? {
        let request = ServerReflectionRequest(host: "here", messageRequest: question)
        let response = try index.answer(request, sent: &sent)
        #expect(response.validHost == "here")
        #expect(response.originalRequest == request)
        return response.messageResponse
    }

    private func answer(
        _ question: ServerReflectionRequest.MessageRequest
    ) throws -> ServerReflectionResponse.MessageResponse? {
        var sent: Set<String> = []
        return try answer(question, &sent)
    }

    private func files(_ descriptors: [UInt8]...) -> ServerReflectionResponse.MessageResponse {
        .fileDescriptorResponse(FileDescriptorResponse(fileDescriptorProto: descriptors))
    }

    private func notFound(_ what: String) -> ServerReflectionResponse.MessageResponse {
        .errorResponse(ErrorResponse(errorCode: 5, errorMessage: "\(what) is not known here"))
    }

    @Test func servicesAreListedInOrder() throws {
        let names = ["a.Top", "b.Second"].map { ServiceResponse(name: $0) }
        #expect(try answer(.listServices("*")) == .listServicesResponse(ListServiceResponse(service: names)))
    }

    @Test func aFileComesWithWhatItImports() throws {
        #expect(try answer(.fileByFilename("top.proto")) == files([4], [3], [1], [2]))
        #expect(try answer(.fileByFilename("base.proto")) == files([1]))
    }

    @Test(arguments: ["a.Top", "a.Top.Get", "a.Request", "a.Request.name"])
    func aFileIsFoundByWhatItDeclares(symbol: String) throws {
        #expect(try answer(.fileContainingSymbol(symbol)) == files([4], [3], [1], [2]))
    }

    /// As grpc-go: what was asked for always comes, what it imports only once.
    @Test func anImportComesOnceInAStream() throws {
        var sent: Set<String> = []
        #expect(try answer(.fileByFilename("left.proto"), &sent) == files([2], [1]))
        #expect(try answer(.fileByFilename("right.proto"), &sent) == files([3]))
        #expect(try answer(.fileByFilename("top.proto"), &sent) == files([4]))
        #expect(try answer(.fileByFilename("base.proto"), &sent) == files([1]))
    }

    @Test func whatIsUnknownIsAnAnswerToo() throws {
        #expect(try answer(.fileByFilename("none.proto")) == notFound("file \"none.proto\""))
        for symbol in ["", "a", ".a.Top", "a.Top.", "a.top"] {
            #expect(try answer(.fileContainingSymbol(symbol)) == notFound("symbol \"\(symbol)\""))
        }
        let wanted = ExtensionRequest(containingType: "a.Top", extensionNumber: 7)
        #expect(try answer(.fileContainingExtension(wanted)) == notFound("extension 7 of \"a.Top\""))
        #expect(try answer(.allExtensionNumbersOfType("a.None")) == notFound("type \"a.None\""))
        // Its answer is no longer than its question.
        let long = String(repeating: "x", count: 10_000)
        guard case .errorResponse(let error) = try answer(.fileContainingSymbol(long)) else {
            Issue.record("it is known")
            return
        }
        #expect(error.errorMessage.utf8.count < 1100)
    }

    @Test func aKnownTypeHasNoExtensions() throws {
        #expect(
            try answer(.allExtensionNumbersOfType("a.Request"))
                == .allExtensionNumbersResponse(ExtensionNumberResponse(baseTypeName: "a.Request")))
    }

    @Test func aRequestThatAsksNothingIsAnError() {
        var sent: Set<String> = []
        let error = #expect(throws: RPCError.self) {
            try index.answer(ServerReflectionRequest(host: "here"), sent: &sent)
        }
        #expect(error?.code == .invalidArgument)
    }
}
