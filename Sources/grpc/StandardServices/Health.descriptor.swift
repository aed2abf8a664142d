// Written by protoc-gen-sample from grpc/health/v1/health.proto: change that, then run `make proto`.

package import Protobuf

extension ProtoFile {
    /// `grpc/health/v1/health.proto`.
    package static let grpcHealthV1Health = ProtoFile(
        name: "grpc/health/v1/health.proto",
        dependencies: [],
        symbols: [
            "grpc.health.v1.Health",
            "grpc.health.v1.Health.Check",
            "grpc.health.v1.Health.List",
            "grpc.health.v1.Health.Watch",
            "grpc.health.v1.HealthCheckRequest",
            "grpc.health.v1.HealthCheckRequest.service",
            "grpc.health.v1.HealthCheckResponse",
            "grpc.health.v1.HealthCheckResponse.status",
            "grpc.health.v1.HealthCheckResponse.ServingStatus",
            "grpc.health.v1.HealthCheckResponse.UNKNOWN",
            "grpc.health.v1.HealthCheckResponse.SERVING",
            "grpc.health.v1.HealthCheckResponse.NOT_SERVING",
            "grpc.health.v1.HealthCheckResponse.SERVICE_UNKNOWN",
            "grpc.health.v1.HealthListRequest",
            "grpc.health.v1.HealthListResponse",
            "grpc.health.v1.HealthListResponse.statuses",
            "grpc.health.v1.HealthListResponse.StatusesEntry",
            "grpc.health.v1.HealthListResponse.StatusesEntry.key",
            "grpc.health.v1.HealthListResponse.StatusesEntry.value",
        ],
        base64: """
            ChtncnBjL2hlYWx0aC92MS9oZWFsdGgucHJvdG8SDmdycGMuaGVhbHRoLnYxIi4KEkhlYWx0aENoZWNrUmVxdWVzdBIYCgdzZXJ2\
            aWNlGAEgASgJUgdzZXJ2aWNlIq8BChNIZWFsdGhDaGVja1Jlc3BvbnNlEkkKBnN0YXR1cxgBIAEoDjIxLmdycGMuaGVhbHRoLnYx\
            LkhlYWx0aENoZWNrUmVzcG9uc2UuU2VydmluZ1N0YXR1c1IGc3RhdHVzIk0KDVNlcnZpbmdTdGF0dXMSCQoHVU5LTk9XThILCgdT\
            RVJWSU5HEAESDwoLTk9UX1NFUlZJTkcQAhITCg9TRVJWSUNFX1VOS05PV04QAyITChFIZWFsdGhMaXN0UmVxdWVzdCLEAQoSSGVh\
            bHRoTGlzdFJlc3BvbnNlEkwKCHN0YXR1c2VzGAEgAygLMjAuZ3JwYy5oZWFsdGgudjEuSGVhbHRoTGlzdFJlc3BvbnNlLlN0YXR1\
            c2VzRW50cnlSCHN0YXR1c2VzGmAKDVN0YXR1c2VzRW50cnkSEAoDa2V5GAEgASgJUgNrZXkSOQoFdmFsdWUYAiABKAsyIy5ncnBj\
            LmhlYWx0aC52MS5IZWFsdGhDaGVja1Jlc3BvbnNlUgV2YWx1ZToCOAEy/QEKBkhlYWx0aBJQCgVDaGVjaxIiLmdycGMuaGVhbHRo\
            LnYxLkhlYWx0aENoZWNrUmVxdWVzdBojLmdycGMuaGVhbHRoLnYxLkhlYWx0aENoZWNrUmVzcG9uc2USTQoETGlzdBIhLmdycGMu\
            aGVhbHRoLnYxLkhlYWx0aExpc3RSZXF1ZXN0GiIuZ3JwYy5oZWFsdGgudjEuSGVhbHRoTGlzdFJlc3BvbnNlElIKBVdhdGNoEiIu\
            Z3JwYy5oZWFsdGgudjEuSGVhbHRoQ2hlY2tSZXF1ZXN0GiMuZ3JwYy5oZWFsdGgudjEuSGVhbHRoQ2hlY2tSZXNwb25zZTABYgZw\
            cm90bzM
            """)
}
