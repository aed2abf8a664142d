// Written by protoc-gen-sample from grpc/testing/test.proto: change that, then run `make proto`.

package import Protobuf

extension ProtoFile {
    /// `grpc/testing/test.proto`.
    package static let grpcTestingTest = ProtoFile(
        name: "grpc/testing/test.proto",
        dependencies: [],
        symbols: [
            "grpc.testing.TestService",
            "grpc.testing.TestService.EmptyCall",
            "grpc.testing.TestService.UnaryCall",
            "grpc.testing.TestService.StreamingOutputCall",
            "grpc.testing.TestService.StreamingInputCall",
            "grpc.testing.TestService.FullDuplexCall",
            "grpc.testing.TestService.UnimplementedCall",
            "grpc.testing.UnimplementedService",
            "grpc.testing.UnimplementedService.UnimplementedCall",
            "grpc.testing.PayloadType",
            "grpc.testing.COMPRESSABLE",
            "grpc.testing.Empty",
            "grpc.testing.BoolValue",
            "grpc.testing.BoolValue.value",
            "grpc.testing.Payload",
            "grpc.testing.Payload.type",
            "grpc.testing.Payload.body",
            "grpc.testing.EchoStatus",
            "grpc.testing.EchoStatus.code",
            "grpc.testing.EchoStatus.message",
            "grpc.testing.SimpleRequest",
            "grpc.testing.SimpleRequest.response_type",
            "grpc.testing.SimpleRequest.response_size",
            "grpc.testing.SimpleRequest.payload",
            "grpc.testing.SimpleRequest.response_compressed",
            "grpc.testing.SimpleRequest.response_status",
            "grpc.testing.SimpleRequest.expect_compressed",
            "grpc.testing.SimpleResponse",
            "grpc.testing.SimpleResponse.payload",
            "grpc.testing.StreamingInputCallRequest",
            "grpc.testing.StreamingInputCallRequest.payload",
            "grpc.testing.StreamingInputCallRequest.expect_compressed",
            "grpc.testing.StreamingInputCallResponse",
            "grpc.testing.StreamingInputCallResponse.aggregated_payload_size",
            "grpc.testing.ResponseParameters",
            "grpc.testing.ResponseParameters.size",
            "grpc.testing.ResponseParameters.interval_us",
            "grpc.testing.ResponseParameters.compressed",
            "grpc.testing.StreamingOutputCallRequest",
            "grpc.testing.StreamingOutputCallRequest.response_type",
            "grpc.testing.StreamingOutputCallRequest.response_parameters",
            "grpc.testing.StreamingOutputCallRequest.payload",
            "grpc.testing.StreamingOutputCallRequest.response_status",
            "grpc.testing.StreamingOutputCallResponse",
            "grpc.testing.StreamingOutputCallResponse.payload",
        ],
        base64: """
            ChdncnBjL3Rlc3RpbmcvdGVzdC5wcm90bxIMZ3JwYy50ZXN0aW5nIgcKBUVtcHR5IiEKCUJvb2xWYWx1ZRIUCgV2YWx1ZRgBIAEo\
            CFIFdmFsdWUiTAoHUGF5bG9hZBItCgR0eXBlGAEgASgOMhkuZ3JwYy50ZXN0aW5nLlBheWxvYWRUeXBlUgR0eXBlEhIKBGJvZHkY\
            AiABKAxSBGJvZHkiOgoKRWNob1N0YXR1cxISCgRjb2RlGAEgASgFUgRjb2RlEhgKB21lc3NhZ2UYAiABKAlSB21lc3NhZ2Ui+AIK\
            DVNpbXBsZVJlcXVlc3QSPgoNcmVzcG9uc2VfdHlwZRgBIAEoDjIZLmdycGMudGVzdGluZy5QYXlsb2FkVHlwZVIMcmVzcG9uc2VU\
            eXBlEiMKDXJlc3BvbnNlX3NpemUYAiABKAVSDHJlc3BvbnNlU2l6ZRIvCgdwYXlsb2FkGAMgASgLMhUuZ3JwYy50ZXN0aW5nLlBh\
            eWxvYWRSB3BheWxvYWQSSAoTcmVzcG9uc2VfY29tcHJlc3NlZBgGIAEoCzIXLmdycGMudGVzdGluZy5Cb29sVmFsdWVSEnJlc3Bv\
            bnNlQ29tcHJlc3NlZBJBCg9yZXNwb25zZV9zdGF0dXMYByABKAsyGC5ncnBjLnRlc3RpbmcuRWNob1N0YXR1c1IOcmVzcG9uc2VT\
            dGF0dXMSRAoRZXhwZWN0X2NvbXByZXNzZWQYCCABKAsyFy5ncnBjLnRlc3RpbmcuQm9vbFZhbHVlUhBleHBlY3RDb21wcmVzc2Vk\
            IkEKDlNpbXBsZVJlc3BvbnNlEi8KB3BheWxvYWQYASABKAsyFS5ncnBjLnRlc3RpbmcuUGF5bG9hZFIHcGF5bG9hZCKSAQoZU3Ry\
            ZWFtaW5nSW5wdXRDYWxsUmVxdWVzdBIvCgdwYXlsb2FkGAEgASgLMhUuZ3JwYy50ZXN0aW5nLlBheWxvYWRSB3BheWxvYWQSRAoR\
            ZXhwZWN0X2NvbXByZXNzZWQYAiABKAsyFy5ncnBjLnRlc3RpbmcuQm9vbFZhbHVlUhBleHBlY3RDb21wcmVzc2VkIlQKGlN0cmVh\
            bWluZ0lucHV0Q2FsbFJlc3BvbnNlEjYKF2FnZ3JlZ2F0ZWRfcGF5bG9hZF9zaXplGAEgASgFUhVhZ2dyZWdhdGVkUGF5bG9hZFNp\
            emUiggEKElJlc3BvbnNlUGFyYW1ldGVycxISCgRzaXplGAEgASgFUgRzaXplEh8KC2ludGVydmFsX3VzGAIgASgFUgppbnRlcnZh\
            bFVzEjcKCmNvbXByZXNzZWQYAyABKAsyFy5ncnBjLnRlc3RpbmcuQm9vbFZhbHVlUgpjb21wcmVzc2VkIqMCChpTdHJlYW1pbmdP\
            dXRwdXRDYWxsUmVxdWVzdBI+Cg1yZXNwb25zZV90eXBlGAEgASgOMhkuZ3JwYy50ZXN0aW5nLlBheWxvYWRUeXBlUgxyZXNwb25z\
            ZVR5cGUSUQoTcmVzcG9uc2VfcGFyYW1ldGVycxgCIAMoCzIgLmdycGMudGVzdGluZy5SZXNwb25zZVBhcmFtZXRlcnNSEnJlc3Bv\
            bnNlUGFyYW1ldGVycxIvCgdwYXlsb2FkGAMgASgLMhUuZ3JwYy50ZXN0aW5nLlBheWxvYWRSB3BheWxvYWQSQQoPcmVzcG9uc2Vf\
            c3RhdHVzGAcgASgLMhguZ3JwYy50ZXN0aW5nLkVjaG9TdGF0dXNSDnJlc3BvbnNlU3RhdHVzIk4KG1N0cmVhbWluZ091dHB1dENh\
            bGxSZXNwb25zZRIvCgdwYXlsb2FkGAEgASgLMhUuZ3JwYy50ZXN0aW5nLlBheWxvYWRSB3BheWxvYWQqHwoLUGF5bG9hZFR5cGUS\
            EAoMQ09NUFJFU1NBQkxFEAAyjwQKC1Rlc3RTZXJ2aWNlEjUKCUVtcHR5Q2FsbBITLmdycGMudGVzdGluZy5FbXB0eRoTLmdycGMu\
            dGVzdGluZy5FbXB0eRJGCglVbmFyeUNhbGwSGy5ncnBjLnRlc3RpbmcuU2ltcGxlUmVxdWVzdBocLmdycGMudGVzdGluZy5TaW1w\
            bGVSZXNwb25zZRJsChNTdHJlYW1pbmdPdXRwdXRDYWxsEiguZ3JwYy50ZXN0aW5nLlN0cmVhbWluZ091dHB1dENhbGxSZXF1ZXN0\
            GikuZ3JwYy50ZXN0aW5nLlN0cmVhbWluZ091dHB1dENhbGxSZXNwb25zZTABEmkKElN0cmVhbWluZ0lucHV0Q2FsbBInLmdycGMu\
            dGVzdGluZy5TdHJlYW1pbmdJbnB1dENhbGxSZXF1ZXN0GiguZ3JwYy50ZXN0aW5nLlN0cmVhbWluZ0lucHV0Q2FsbFJlc3BvbnNl\
            KAESaQoORnVsbER1cGxleENhbGwSKC5ncnBjLnRlc3RpbmcuU3RyZWFtaW5nT3V0cHV0Q2FsbFJlcXVlc3QaKS5ncnBjLnRlc3Rp\
            bmcuU3RyZWFtaW5nT3V0cHV0Q2FsbFJlc3BvbnNlKAEwARI9ChFVbmltcGxlbWVudGVkQ2FsbBITLmdycGMudGVzdGluZy5FbXB0\
            eRoTLmdycGMudGVzdGluZy5FbXB0eTJVChRVbmltcGxlbWVudGVkU2VydmljZRI9ChFVbmltcGxlbWVudGVkQ2FsbBITLmdycGMu\
            dGVzdGluZy5FbXB0eRoTLmdycGMudGVzdGluZy5FbXB0eWIGcHJvdG8z
            """)
}
