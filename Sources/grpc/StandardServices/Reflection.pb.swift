// Written by protoc-gen-sample from grpc/reflection/v1/reflection.proto: change that, then run `make proto`.

package import Protobuf

/// `grpc.reflection.v1.ServerReflectionRequest`.
package struct ServerReflectionRequest: ProtobufMessage {
    package var host = ""
    /// What is asked for.
    package var messageRequest: MessageRequest?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(host: String = "", messageRequest: MessageRequest? = nil) {
        self.host = host
        self.messageRequest = messageRequest
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: host = try reader.string()
            case 0x1a: messageRequest = .fileByFilename(try reader.string())
            case 0x22: messageRequest = .fileContainingSymbol(try reader.string())
            case 0x2a:
                var content = ExtensionRequest()
                if case .fileContainingExtension(let old)? = messageRequest {
                    content = old
                    messageRequest = nil
                }
                try reader.message(into: &content)
                messageRequest = .fileContainingExtension(content)
            case 0x32: messageRequest = .allExtensionNumbersOfType(try reader.string())
            case 0x3a: messageRequest = .listServices(try reader.string())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(host, field: 1)
        if case .fileByFilename(let value)? = messageRequest { writer.value(.string, value, field: 3) }
        if case .fileContainingSymbol(let value)? = messageRequest { writer.value(.string, value, field: 4) }
        if case .fileContainingExtension(let value)? = messageRequest { writer.value(.message(), value, field: 5) }
        if case .allExtensionNumbersOfType(let value)? = messageRequest { writer.value(.string, value, field: 6) }
        if case .listServices(let value)? = messageRequest { writer.value(.string, value, field: 7) }
        writer.unknown(unknownFields)
    }

    /// Which of them `messageRequest` is.
    package enum MessageRequest: Hashable, Sendable {
        /// A file by its name.
        case fileByFilename(String)
        /// The file that declares this service, method, message, field, enum or value of an enum.
        case fileContainingSymbol(String)
        /// The file that declares an extension of a message.
        case fileContainingExtension(ExtensionRequest)
        /// The numbers of all extensions of this message.
        case allExtensionNumbersOfType(String)
        /// The names of all services; whatever the text says.
        case listServices(String)
    }
}

/// `grpc.reflection.v1.ExtensionRequest`.
package struct ExtensionRequest: ProtobufMessage {
    package var containingType = ""
    package var extensionNumber: Int32 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(containingType: String = "", extensionNumber: Int32 = 0) {
        self.containingType = containingType
        self.extensionNumber = extensionNumber
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: containingType = try reader.string()
            case 0x10: extensionNumber = try reader.int32()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(containingType, field: 1)
        writer.int32(extensionNumber, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `grpc.reflection.v1.ServerReflectionResponse`.
package struct ServerReflectionResponse: ProtobufMessage {
    package var validHost = ""
    package var originalRequest: ServerReflectionRequest?
    package var messageResponse: MessageResponse?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        validHost: String = "", originalRequest: ServerReflectionRequest? = nil, messageResponse: MessageResponse? = nil
    ) {
        self.validHost = validHost
        self.originalRequest = originalRequest
        self.messageResponse = messageResponse
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: validHost = try reader.string()
            case 0x12: try reader.message(into: &originalRequest)
            case 0x22:
                var content = FileDescriptorResponse()
                if case .fileDescriptorResponse(let old)? = messageResponse {
                    content = old
                    messageResponse = nil
                }
                try reader.message(into: &content)
                messageResponse = .fileDescriptorResponse(content)
            case 0x2a:
                var content = ExtensionNumberResponse()
                if case .allExtensionNumbersResponse(let old)? = messageResponse {
                    content = old
                    messageResponse = nil
                }
                try reader.message(into: &content)
                messageResponse = .allExtensionNumbersResponse(content)
            case 0x32:
                var content = ListServiceResponse()
                if case .listServicesResponse(let old)? = messageResponse {
                    content = old
                    messageResponse = nil
                }
                try reader.message(into: &content)
                messageResponse = .listServicesResponse(content)
            case 0x3a:
                var content = ErrorResponse()
                if case .errorResponse(let old)? = messageResponse {
                    content = old
                    messageResponse = nil
                }
                try reader.message(into: &content)
                messageResponse = .errorResponse(content)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(validHost, field: 1)
        writer.message(originalRequest, field: 2)
        if case .fileDescriptorResponse(let value)? = messageResponse { writer.value(.message(), value, field: 4) }
        if case .allExtensionNumbersResponse(let value)? = messageResponse { writer.value(.message(), value, field: 5) }
        if case .listServicesResponse(let value)? = messageResponse { writer.value(.message(), value, field: 6) }
        if case .errorResponse(let value)? = messageResponse { writer.value(.message(), value, field: 7) }
        writer.unknown(unknownFields)
    }

    /// Which of them `messageResponse` is.
    package enum MessageResponse: Hashable, Sendable {
        /// To file_by_filename, file_containing_symbol and file_containing_extension.
        case fileDescriptorResponse(FileDescriptorResponse)
        /// To all_extension_numbers_of_type.
        case allExtensionNumbersResponse(ExtensionNumberResponse)
        /// To list_services.
        case listServicesResponse(ListServiceResponse)
        case errorResponse(ErrorResponse)
    }
}

/// `grpc.reflection.v1.FileDescriptorResponse`.
package struct FileDescriptorResponse: ProtobufMessage {
    /// Each a google.protobuf.FileDescriptorProto: the file, and those that it imports.
    package var fileDescriptorProto: [[UInt8]] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(fileDescriptorProto: [[UInt8]] = []) {
        self.fileDescriptorProto = fileDescriptorProto
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: fileDescriptorProto.append(try reader.data())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.repeated(.data, fileDescriptorProto, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `grpc.reflection.v1.ExtensionNumberResponse`.
package struct ExtensionNumberResponse: ProtobufMessage {
    package var baseTypeName = ""
    package var extensionNumber: [Int32] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(baseTypeName: String = "", extensionNumber: [Int32] = []) {
        self.baseTypeName = baseTypeName
        self.extensionNumber = extensionNumber
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: baseTypeName = try reader.string()
            case 0x10: extensionNumber.append(try reader.int32())
            case 0x12: try reader.packed(.int32, into: &extensionNumber)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(baseTypeName, field: 1)
        writer.packed(.int32, extensionNumber, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `grpc.reflection.v1.ListServiceResponse`.
package struct ListServiceResponse: ProtobufMessage {
    package var service: [ServiceResponse] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(service: [ServiceResponse] = []) {
        self.service = service
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: service.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.repeated(.message(), service, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `grpc.reflection.v1.ServiceResponse`.
package struct ServiceResponse: ProtobufMessage {
    /// With its package.
    package var name = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(name: String = "") {
        self.name = name
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: name = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `grpc.reflection.v1.ErrorResponse`.
package struct ErrorResponse: ProtobufMessage {
    /// A gRPC status.
    package var errorCode: Int32 = 0
    package var errorMessage = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(errorCode: Int32 = 0, errorMessage: String = "") {
        self.errorCode = errorCode
        self.errorMessage = errorMessage
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: errorCode = try reader.int32()
            case 0x12: errorMessage = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int32(errorCode, field: 1)
        writer.string(errorMessage, field: 2)
        writer.unknown(unknownFields)
    }
}
