// Written by protoc-gen-sample from google/protobuf/timestamp.proto: change that, then run `make proto`.

package import Protobuf

extension ProtoFile {
    /// `google/protobuf/timestamp.proto`.
    package static let googleProtobufTimestamp = ProtoFile(
        name: "google/protobuf/timestamp.proto",
        dependencies: [],
        symbols: [
            "google.protobuf.Timestamp",
            "google.protobuf.Timestamp.seconds",
            "google.protobuf.Timestamp.nanos",
        ],
        base64: """
            Ch9nb29nbGUvcHJvdG9idWYvdGltZXN0YW1wLnByb3RvEg9nb29nbGUucHJvdG9idWYiOwoJVGltZXN0YW1wEhgKB3NlY29uZHMY\
            ASABKANSB3NlY29uZHMSFAoFbmFub3MYAiABKAVSBW5hbm9zQgi6AgVQcm90b2IGcHJvdG8z
            """)
}
