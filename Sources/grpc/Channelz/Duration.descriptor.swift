// Written by protoc-gen-sample from google/protobuf/duration.proto: change that, then run `make proto`.

package import Protobuf

extension ProtoFile {
    /// `google/protobuf/duration.proto`.
    package static let googleProtobufDuration = ProtoFile(
        name: "google/protobuf/duration.proto",
        dependencies: [],
        symbols: [
            "google.protobuf.Duration",
            "google.protobuf.Duration.seconds",
            "google.protobuf.Duration.nanos",
        ],
        base64: """
            Ch5nb29nbGUvcHJvdG9idWYvZHVyYXRpb24ucHJvdG8SD2dvb2dsZS5wcm90b2J1ZiI6CghEdXJhdGlvbhIYCgdzZWNvbmRzGAEg\
            ASgDUgdzZWNvbmRzEhQKBW5hbm9zGAIgASgFUgVuYW5vc0IIugIFUHJvdG9iBnByb3RvMw
            """)
}
