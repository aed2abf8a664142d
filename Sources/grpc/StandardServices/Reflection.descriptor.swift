// Written by protoc-gen-sample from grpc/reflection/v1/reflection.proto: change that, then run `make proto`.

package import Protobuf

extension ProtoFile {
    /// `grpc/reflection/v1/reflection.proto`.
    package static let grpcReflectionV1Reflection = ProtoFile(
        name: "grpc/reflection/v1/reflection.proto",
        dependencies: [],
        symbols: [
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1.ServerReflection.ServerReflectionInfo",
            "grpc.reflection.v1.ServerReflectionRequest",
            "grpc.reflection.v1.ServerReflectionRequest.host",
            "grpc.reflection.v1.ServerReflectionRequest.file_by_filename",
            "grpc.reflection.v1.ServerReflectionRequest.file_containing_symbol",
            "grpc.reflection.v1.ServerReflectionRequest.file_containing_extension",
            "grpc.reflection.v1.ServerReflectionRequest.all_extension_numbers_of_type",
            "grpc.reflection.v1.ServerReflectionRequest.list_services",
            "grpc.reflection.v1.ServerReflectionRequest.message_request",
            "grpc.reflection.v1.ExtensionRequest",
            "grpc.reflection.v1.ExtensionRequest.containing_type",
            "grpc.reflection.v1.ExtensionRequest.extension_number",
            "grpc.reflection.v1.ServerReflectionResponse",
            "grpc.reflection.v1.ServerReflectionResponse.valid_host",
            "grpc.reflection.v1.ServerReflectionResponse.original_request",
            "grpc.reflection.v1.ServerReflectionResponse.file_descriptor_response",
            "grpc.reflection.v1.ServerReflectionResponse.all_extension_numbers_response",
            "grpc.reflection.v1.ServerReflectionResponse.list_services_response",
            "grpc.reflection.v1.ServerReflectionResponse.error_response",
            "grpc.reflection.v1.ServerReflectionResponse.message_response",
            "grpc.reflection.v1.FileDescriptorResponse",
            "grpc.reflection.v1.FileDescriptorResponse.file_descriptor_proto",
            "grpc.reflection.v1.ExtensionNumberResponse",
            "grpc.reflection.v1.ExtensionNumberResponse.base_type_name",
            "grpc.reflection.v1.ExtensionNumberResponse.extension_number",
            "grpc.reflection.v1.ListServiceResponse",
            "grpc.reflection.v1.ListServiceResponse.service",
            "grpc.reflection.v1.ServiceResponse",
            "grpc.reflection.v1.ServiceResponse.name",
            "grpc.reflection.v1.ErrorResponse",
            "grpc.reflection.v1.ErrorResponse.error_code",
            "grpc.reflection.v1.ErrorResponse.error_message",
        ],
        base64: """
            CiNncnBjL3JlZmxlY3Rpb24vdjEvcmVmbGVjdGlvbi5wcm90bxISZ3JwYy5yZWZsZWN0aW9uLnYxIvMCChdTZXJ2ZXJSZWZsZWN0\
            aW9uUmVxdWVzdBISCgRob3N0GAEgASgJUgRob3N0EioKEGZpbGVfYnlfZmlsZW5hbWUYAyABKAlIAFIOZmlsZUJ5RmlsZW5hbWUS\
            NgoWZmlsZV9jb250YWluaW5nX3N5bWJvbBgEIAEoCUgAUhRmaWxlQ29udGFpbmluZ1N5bWJvbBJiChlmaWxlX2NvbnRhaW5pbmdf\
            ZXh0ZW5zaW9uGAUgASgLMiQuZ3JwYy5yZWZsZWN0aW9uLnYxLkV4dGVuc2lvblJlcXVlc3RIAFIXZmlsZUNvbnRhaW5pbmdFeHRl\
            bnNpb24SQgodYWxsX2V4dGVuc2lvbl9udW1iZXJzX29mX3R5cGUYBiABKAlIAFIZYWxsRXh0ZW5zaW9uTnVtYmVyc09mVHlwZRIl\
            Cg1saXN0X3NlcnZpY2VzGAcgASgJSABSDGxpc3RTZXJ2aWNlc0IRCg9tZXNzYWdlX3JlcXVlc3QiZgoQRXh0ZW5zaW9uUmVxdWVz\
            dBInCg9jb250YWluaW5nX3R5cGUYASABKAlSDmNvbnRhaW5pbmdUeXBlEikKEGV4dGVuc2lvbl9udW1iZXIYAiABKAVSD2V4dGVu\
            c2lvbk51bWJlciKuBAoYU2VydmVyUmVmbGVjdGlvblJlc3BvbnNlEh0KCnZhbGlkX2hvc3QYASABKAlSCXZhbGlkSG9zdBJWChBv\
            cmlnaW5hbF9yZXF1ZXN0GAIgASgLMisuZ3JwYy5yZWZsZWN0aW9uLnYxLlNlcnZlclJlZmxlY3Rpb25SZXF1ZXN0Ug9vcmlnaW5h\
            bFJlcXVlc3QSZgoYZmlsZV9kZXNjcmlwdG9yX3Jlc3BvbnNlGAQgASgLMiouZ3JwYy5yZWZsZWN0aW9uLnYxLkZpbGVEZXNjcmlw\
            dG9yUmVzcG9uc2VIAFIWZmlsZURlc2NyaXB0b3JSZXNwb25zZRJyCh5hbGxfZXh0ZW5zaW9uX251bWJlcnNfcmVzcG9uc2UYBSAB\
            KAsyKy5ncnBjLnJlZmxlY3Rpb24udjEuRXh0ZW5zaW9uTnVtYmVyUmVzcG9uc2VIAFIbYWxsRXh0ZW5zaW9uTnVtYmVyc1Jlc3Bv\
            bnNlEl8KFmxpc3Rfc2VydmljZXNfcmVzcG9uc2UYBiABKAsyJy5ncnBjLnJlZmxlY3Rpb24udjEuTGlzdFNlcnZpY2VSZXNwb25z\
            ZUgAUhRsaXN0U2VydmljZXNSZXNwb25zZRJKCg5lcnJvcl9yZXNwb25zZRgHIAEoCzIhLmdycGMucmVmbGVjdGlvbi52MS5FcnJv\
            clJlc3BvbnNlSABSDWVycm9yUmVzcG9uc2VCEgoQbWVzc2FnZV9yZXNwb25zZSJMChZGaWxlRGVzY3JpcHRvclJlc3BvbnNlEjIK\
            FWZpbGVfZGVzY3JpcHRvcl9wcm90bxgBIAMoDFITZmlsZURlc2NyaXB0b3JQcm90byJqChdFeHRlbnNpb25OdW1iZXJSZXNwb25z\
            ZRIkCg5iYXNlX3R5cGVfbmFtZRgBIAEoCVIMYmFzZVR5cGVOYW1lEikKEGV4dGVuc2lvbl9udW1iZXIYAiADKAVSD2V4dGVuc2lv\
            bk51bWJlciJUChNMaXN0U2VydmljZVJlc3BvbnNlEj0KB3NlcnZpY2UYASADKAsyIy5ncnBjLnJlZmxlY3Rpb24udjEuU2Vydmlj\
            ZVJlc3BvbnNlUgdzZXJ2aWNlIiUKD1NlcnZpY2VSZXNwb25zZRISCgRuYW1lGAEgASgJUgRuYW1lIlMKDUVycm9yUmVzcG9uc2US\
            HQoKZXJyb3JfY29kZRgBIAEoBVIJZXJyb3JDb2RlEiMKDWVycm9yX21lc3NhZ2UYAiABKAlSDGVycm9yTWVzc2FnZTKJAQoQU2Vy\
            dmVyUmVmbGVjdGlvbhJ1ChRTZXJ2ZXJSZWZsZWN0aW9uSW5mbxIrLmdycGMucmVmbGVjdGlvbi52MS5TZXJ2ZXJSZWZsZWN0aW9u\
            UmVxdWVzdBosLmdycGMucmVmbGVjdGlvbi52MS5TZXJ2ZXJSZWZsZWN0aW9uUmVzcG9uc2UoATABYgZwcm90bzM
            """)
}
