// Written by protoc-gen-sample from google/protobuf/any.proto: change that, then run `make proto`.

package import Protobuf

extension ProtoFile {
    /// `google/protobuf/any.proto`.
    package static let googleProtobufAny = ProtoFile(
        name: "google/protobuf/any.proto",
        dependencies: [],
        symbols: [
            "google.protobuf.Any",
            "google.protobuf.Any.type_url",
            "google.protobuf.Any.value",
        ],
        base64: """
            Chlnb29nbGUvcHJvdG9idWYvYW55LnByb3RvEg9nb29nbGUucHJvdG9idWYiNgoDQW55EhkKCHR5cGVfdXJsGAEgASgJUgd0eXBl\
            VXJsEhQKBXZhbHVlGAIgASgMUgV2YWx1ZUIIugIFUHJvdG9iBnByb3RvMw
            """)
}
