import EtcdAPI
import Protobuf
import StandardServices
import Testing
import TraceAPI

/// Messages of services that are not ours, against bytes as Google's protobuf writes them for their own protos.
@Suite struct OtherServicesTests {
    @Test func etcd() throws {
        let put = PutRequest(key: [0x2f, 0x61], value: [0x62], lease: 300)
        #expect(put.encoded == [0x0a, 2, 0x2f, 0x61, 0x12, 1, 0x62, 0x18, 0xac, 2])
        let watch = WatchRequest(
            requestUnion: .createRequest(.init(key: [0x61], rangeEnd: [0x62], startRevision: 5, progressNotify: true)))
        #expect(watch.encoded == [0x0a, 10, 0x0a, 1, 0x61, 0x12, 1, 0x62, 0x18, 5, 0x20, 1])
        let response = try WatchResponse(
            decoding: [0x0a, 2, 0x18, 7, 0x10, 3, 0x5a, 9, 0x08, 1, 0x12, 5, 0x0a, 1, 0x61, 0x18, 7])
        #expect(response.header?.revision == 7)
        #expect(response.watchId == 3)
        #expect(response.events == [EtcdAPI.Event(type: .delete, kv: .init(key: [0x61], modRevision: 7))])
        let absent = Compare(target: .create, key: [0x61], targetUnion: .createRevision(0))
        #expect(absent.encoded == [0x10, 1, 0x1a, 1, 0x61, 0x28, 0])
        #expect(LeaseGrantRequest(ttl: 10, id: 1).encoded == [0x08, 10, 0x10, 1])
    }

    @Test func trace() {
        let span = TraceAPI.Span(
            traceId: [1], spanId: [2], name: "s", kind: .server, startTimeUnixNano: 1, endTimeUnixNano: 2,
            attributes: [.init(key: "a", value: .init(value: .intValue(0)))], status: .init(code: .error), flags: 1)
        let bytes: [UInt8] =
            [0x0a, 1, 1, 0x12, 1, 2, 0x2a, 1, 0x73, 0x30, 2]
            + [0x39, 1, 0, 0, 0, 0, 0, 0, 0, 0x41, 2, 0, 0, 0, 0, 0, 0, 0]
            + [0x4a, 7, 0x0a, 1, 0x61, 0x12, 2, 0x18, 0, 0x7a, 2, 0x18, 2, 0x85, 1, 1, 0, 0, 0]
        #expect(span.encoded == bytes)
        let request = ExportTraceServiceRequest(resourceSpans: [.init(scopeSpans: [.init(spans: [span])])])
        #expect(Array(request.encoded.suffix(bytes.count)) == bytes)
    }

    /// A service's descriptor is the file that protoc read, and its table names what is in it.
    @Test func descriptors() throws {
        let file = ProtoFile.grpcHealthV1Health
        #expect(file.name == "grpc/health/v1/health.proto")
        #expect(file.dependencies.isEmpty)
        for symbol in [
            "Health", "Health.Watch", "HealthCheckResponse", "HealthCheckResponse.status",
            "HealthCheckResponse.ServingStatus", "HealthCheckResponse.SERVING",
        ] {
            #expect(file.symbols.contains("grpc.health.v1.\(symbol)"))
        }
        var reader = try ProtobufReader(file.descriptor.span)
        #expect(try reader.nextTag() == 0x0a)
        #expect(try reader.string() == file.name)
        while try reader.nextTag() != nil { try reader.skip() }
        #expect(ProtoFile.grpcReflectionV1Reflection.symbols.contains("grpc.reflection.v1.ServerReflection"))
        #expect(ProtoFile.grpcReflectionV1alphaReflection.descriptor.count > 1000)
    }
}
