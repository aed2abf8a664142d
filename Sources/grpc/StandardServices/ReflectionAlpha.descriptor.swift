// Written by protoc-gen-sample from grpc/reflection/v1alpha/reflection.proto: change that, then run `make proto`.

package import Protobuf

extension ProtoFile {
    /// `grpc/reflection/v1alpha/reflection.proto`.
    package static let grpcReflectionV1alphaReflection = ProtoFile(
        name: "grpc/reflection/v1alpha/reflection.proto",
        dependencies: [],
        symbols: [
            "grpc.reflection.v1alpha.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo",
            "grpc.reflection.v1alpha.ServerReflectionRequest",
            "grpc.reflection.v1alpha.ServerReflectionRequest.host",
            "grpc.reflection.v1alpha.ServerReflectionRequest.file_by_filename",
            "grpc.reflection.v1alpha.ServerReflectionRequest.file_containing_symbol",
            "grpc.reflection.v1alpha.ServerReflectionRequest.file_containing_extension",
            "grpc.reflection.v1alpha.ServerReflectionRequest.all_extension_numbers_of_type",
            "grpc.reflection.v1alpha.ServerReflectionRequest.list_services",
            "grpc.reflection.v1alpha.ServerReflectionRequest.message_request",
            "grpc.reflection.v1alpha.ExtensionRequest",
            "grpc.reflection.v1alpha.ExtensionRequest.containing_type",
            "grpc.reflection.v1alpha.ExtensionRequest.extension_number",
            "grpc.reflection.v1alpha.ServerReflectionResponse",
            "grpc.reflection.v1alpha.ServerReflectionResponse.valid_host",
            "grpc.reflection.v1alpha.ServerReflectionResponse.original_request",
            "grpc.reflection.v1alpha.ServerReflectionResponse.file_descriptor_response",
            "grpc.reflection.v1alpha.ServerReflectionResponse.all_extension_numbers_response",
            "grpc.reflection.v1alpha.ServerReflectionResponse.list_services_response",
            "grpc.reflection.v1alpha.ServerReflectionResponse.error_response",
            "grpc.reflection.v1alpha.ServerReflectionResponse.message_response",
            "grpc.reflection.v1alpha.FileDescriptorResponse",
            "grpc.reflection.v1alpha.FileDescriptorResponse.file_descriptor_proto",
            "grpc.reflection.v1alpha.ExtensionNumberResponse",
            "grpc.reflection.v1alpha.ExtensionNumberResponse.base_type_name",
            "grpc.reflection.v1alpha.ExtensionNumberResponse.extension_number",
            "grpc.reflection.v1alpha.ListServiceResponse",
            "grpc.reflection.v1alpha.ListServiceResponse.service",
            "grpc.reflection.v1alpha.ServiceResponse",
            "grpc.reflection.v1alpha.ServiceResponse.name",
            "grpc.reflection.v1alpha.ErrorResponse",
            "grpc.reflection.v1alpha.ErrorResponse.error_code",
            "grpc.reflection.v1alpha.ErrorResponse.error_message",
        ],
        base64: """
            CihncnBjL3JlZmxlY3Rpb24vdjFhbHBoYS9yZWZsZWN0aW9uLnByb3RvEhdncnBjLnJlZmxlY3Rpb24udjFhbHBoYSL4AgoXU2Vy\
            dmVyUmVmbGVjdGlvblJlcXVlc3QSEgoEaG9zdBgBIAEoCVIEaG9zdBIqChBmaWxlX2J5X2ZpbGVuYW1lGAMgASgJSABSDmZpbGVC\
            eUZpbGVuYW1lEjYKFmZpbGVfY29udGFpbmluZ19zeW1ib2wYBCABKAlIAFIUZmlsZUNvbnRhaW5pbmdTeW1ib2wSZwoZZmlsZV9j\
            b250YWluaW5nX2V4dGVuc2lvbhgFIAEoCzIpLmdycGMucmVmbGVjdGlvbi52MWFscGhhLkV4dGVuc2lvblJlcXVlc3RIAFIXZmls\
            ZUNvbnRhaW5pbmdFeHRlbnNpb24SQgodYWxsX2V4dGVuc2lvbl9udW1iZXJzX29mX3R5cGUYBiABKAlIAFIZYWxsRXh0ZW5zaW9u\
            TnVtYmVyc09mVHlwZRIlCg1saXN0X3NlcnZpY2VzGAcgASgJSABSDGxpc3RTZXJ2aWNlc0IRCg9tZXNzYWdlX3JlcXVlc3QiZgoQ\
            RXh0ZW5zaW9uUmVxdWVzdBInCg9jb250YWluaW5nX3R5cGUYASABKAlSDmNvbnRhaW5pbmdUeXBlEikKEGV4dGVuc2lvbl9udW1i\
            ZXIYAiABKAVSD2V4dGVuc2lvbk51bWJlciLHBAoYU2VydmVyUmVmbGVjdGlvblJlc3BvbnNlEh0KCnZhbGlkX2hvc3QYASABKAlS\
            CXZhbGlkSG9zdBJbChBvcmlnaW5hbF9yZXF1ZXN0GAIgASgLMjAuZ3JwYy5yZWZsZWN0aW9uLnYxYWxwaGEuU2VydmVyUmVmbGVj\
            dGlvblJlcXVlc3RSD29yaWdpbmFsUmVxdWVzdBJrChhmaWxlX2Rlc2NyaXB0b3JfcmVzcG9uc2UYBCABKAsyLy5ncnBjLnJlZmxl\
            Y3Rpb24udjFhbHBoYS5GaWxlRGVzY3JpcHRvclJlc3BvbnNlSABSFmZpbGVEZXNjcmlwdG9yUmVzcG9uc2USdwoeYWxsX2V4dGVu\
            c2lvbl9udW1iZXJzX3Jlc3BvbnNlGAUgASgLMjAuZ3JwYy5yZWZsZWN0aW9uLnYxYWxwaGEuRXh0ZW5zaW9uTnVtYmVyUmVzcG9u\
            c2VIAFIbYWxsRXh0ZW5zaW9uTnVtYmVyc1Jlc3BvbnNlEmQKFmxpc3Rfc2VydmljZXNfcmVzcG9uc2UYBiABKAsyLC5ncnBjLnJl\
            ZmxlY3Rpb24udjFhbHBoYS5MaXN0U2VydmljZVJlc3BvbnNlSABSFGxpc3RTZXJ2aWNlc1Jlc3BvbnNlEk8KDmVycm9yX3Jlc3Bv\
            bnNlGAcgASgLMiYuZ3JwYy5yZWZsZWN0aW9uLnYxYWxwaGEuRXJyb3JSZXNwb25zZUgAUg1lcnJvclJlc3BvbnNlQhIKEG1lc3Nh\
            Z2VfcmVzcG9uc2UiTAoWRmlsZURlc2NyaXB0b3JSZXNwb25zZRIyChVmaWxlX2Rlc2NyaXB0b3JfcHJvdG8YASADKAxSE2ZpbGVE\
            ZXNjcmlwdG9yUHJvdG8iagoXRXh0ZW5zaW9uTnVtYmVyUmVzcG9uc2USJAoOYmFzZV90eXBlX25hbWUYASABKAlSDGJhc2VUeXBl\
            TmFtZRIpChBleHRlbnNpb25fbnVtYmVyGAIgAygFUg9leHRlbnNpb25OdW1iZXIiWQoTTGlzdFNlcnZpY2VSZXNwb25zZRJCCgdz\
            ZXJ2aWNlGAEgAygLMiguZ3JwYy5yZWZsZWN0aW9uLnYxYWxwaGEuU2VydmljZVJlc3BvbnNlUgdzZXJ2aWNlIiUKD1NlcnZpY2VS\
            ZXNwb25zZRISCgRuYW1lGAEgASgJUgRuYW1lIlMKDUVycm9yUmVzcG9uc2USHQoKZXJyb3JfY29kZRgBIAEoBVIJZXJyb3JDb2Rl\
            EiMKDWVycm9yX21lc3NhZ2UYAiABKAlSDGVycm9yTWVzc2FnZTKTAQoQU2VydmVyUmVmbGVjdGlvbhJ/ChRTZXJ2ZXJSZWZsZWN0\
            aW9uSW5mbxIwLmdycGMucmVmbGVjdGlvbi52MWFscGhhLlNlcnZlclJlZmxlY3Rpb25SZXF1ZXN0GjEuZ3JwYy5yZWZsZWN0aW9u\
            LnYxYWxwaGEuU2VydmVyUmVmbGVjdGlvblJlc3BvbnNlKAEwAWIGcHJvdG8z
            """)
}
