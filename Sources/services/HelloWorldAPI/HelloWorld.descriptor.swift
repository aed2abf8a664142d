// Written by protoc-gen-sample from sample/service/hello_world.proto: change that, then run `make proto`.

package import Protobuf

extension ProtoFile {
    /// `sample/service/hello_world.proto`.
    package static let sampleServiceHelloWorld = ProtoFile(
        name: "sample/service/hello_world.proto",
        dependencies: [],
        symbols: [
            "sample.service.HelloWorld",
            "sample.service.HelloWorld.SayHello",
            "sample.service.HelloWorld.StreamHello",
            "sample.service.HelloRequest",
            "sample.service.HelloRequest.name",
            "sample.service.StreamHelloRequest",
            "sample.service.StreamHelloRequest.name",
            "sample.service.StreamHelloRequest.count",
            "sample.service.StreamHelloRequest.interval_ms",
            "sample.service.HelloReply",
            "sample.service.HelloReply.message",
            "sample.service.HelloReply.hostname",
            "sample.service.HelloReply.version",
        ],
        base64: """
            CiBzYW1wbGUvc2VydmljZS9oZWxsb193b3JsZC5wcm90bxIOc2FtcGxlLnNlcnZpY2UiIgoMSGVsbG9SZXF1ZXN0EhIKBG5hbWUY\
            ASABKAlSBG5hbWUiXwoSU3RyZWFtSGVsbG9SZXF1ZXN0EhIKBG5hbWUYASABKAlSBG5hbWUSFAoFY291bnQYAiABKA1SBWNvdW50\
            Eh8KC2ludGVydmFsX21zGAMgASgNUgppbnRlcnZhbE1zIlwKCkhlbGxvUmVwbHkSGAoHbWVzc2FnZRgBIAEoCVIHbWVzc2FnZRIa\
            Cghob3N0bmFtZRgCIAEoCVIIaG9zdG5hbWUSGAoHdmVyc2lvbhgDIAEoCVIHdmVyc2lvbjKjAQoKSGVsbG9Xb3JsZBJECghTYXlI\
            ZWxsbxIcLnNhbXBsZS5zZXJ2aWNlLkhlbGxvUmVxdWVzdBoaLnNhbXBsZS5zZXJ2aWNlLkhlbGxvUmVwbHkSTwoLU3RyZWFtSGVs\
            bG8SIi5zYW1wbGUuc2VydmljZS5TdHJlYW1IZWxsb1JlcXVlc3QaGi5zYW1wbGUuc2VydmljZS5IZWxsb1JlcGx5MAFiBnByb3Rv\
            Mw
            """)
}
