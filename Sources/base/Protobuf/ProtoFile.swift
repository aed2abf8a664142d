import Bytes

/// A .proto file as reflection shows it; `make proto` writes one for each file that a server may be asked about.
package struct ProtoFile: Sendable {
    /// `grpc/health/v1/health.proto`.
    package let name: String
    /// The files that it imports.
    package let dependencies: [ProtoFile]
    /// Full names, without a dot in front, of its services, methods, messages, fields, enums and their values.
    package let symbols: [String]
    private let base64: String

    package init(name: String, dependencies: [ProtoFile], symbols: [String], base64: String) {
        self.name = name
        self.dependencies = dependencies
        self.symbols = symbols
        self.base64 = base64
    }

    /// A `google.protobuf.FileDescriptorProto`.
    package var descriptor: [UInt8] {
        // Base64 compiles at once, an array literal of as many bytes takes the compiler seconds.
        Base64.decode(base64) ?? []
    }
}
