// Written by protoc-gen-sample from google/protobuf/wrappers.proto: change that, then run `make proto`.

package import Protobuf

extension ProtoFile {
    /// `google/protobuf/wrappers.proto`.
    package static let googleProtobufWrappers = ProtoFile(
        name: "google/protobuf/wrappers.proto",
        dependencies: [],
        symbols: [
            "google.protobuf.Int64Value",
            "google.protobuf.Int64Value.value",
            "google.protobuf.UInt32Value",
            "google.protobuf.UInt32Value.value",
        ],
        base64: """
            Ch5nb29nbGUvcHJvdG9idWYvd3JhcHBlcnMucHJvdG8SD2dvb2dsZS5wcm90b2J1ZiIiCgpJbnQ2NFZhbHVlEhQKBXZhbHVlGAEg\
            ASgDUgV2YWx1ZSIjCgtVSW50MzJWYWx1ZRIUCgV2YWx1ZRgBIAEoDVIFdmFsdWVCCLoCBVByb3RvYgZwcm90bzM
            """)
}
