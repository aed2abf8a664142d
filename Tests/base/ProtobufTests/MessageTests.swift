import HelloWorldAPI
import Protobuf
import StandardServices
import Testing

/// The messages of the services, against bytes that protoc's own encoders write.
@Suite struct MessageTests {
    @Test func helloRequest() throws {
        let request = HelloRequest(name: "Ada")
        #expect(request.encoded == [0x0a, 0x03, 0x41, 0x64, 0x61])
        #expect(try HelloRequest(decoding: request.encoded) == request)
        #expect(HelloRequest().encoded == [])
        #expect(try HelloRequest(decoding: []) == HelloRequest(name: ""))
    }

    @Test func helloReply() throws {
        let reply = HelloReply(message: "Hi", hostname: "h", version: "1")
        #expect(reply.encoded == [0x0a, 0x02, 0x48, 0x69, 0x12, 0x01, 0x68, 0x1a, 0x01, 0x31])
        #expect(try HelloReply(decoding: reply.encoded) == reply)
        // Fields in any order, and one of a later version of the message.
        let other: [UInt8] = [0x1a, 0x01, 0x31, 0x20, 0x05, 0x12, 0x01, 0x68, 0x0a, 0x02, 0x48, 0x69]
        let read = try HelloReply(decoding: other)
        #expect(read.message == "Hi" && read.hostname == "h" && read.version == "1")
        #expect(read.encoded == reply.encoded + [0x20, 0x05])
        #expect(HelloReply(hostname: "h").encoded == [0x12, 0x01, 0x68])
    }

    @Test func healthCheckRequest() throws {
        let request = HealthCheckRequest(service: "a.B")
        #expect(request.encoded == [0x0a, 0x03, 0x61, 0x2e, 0x42])
        #expect(try HealthCheckRequest(decoding: request.encoded) == request)
        #expect(HealthCheckRequest().encoded == [])
    }

    @Test func healthCheckResponse() throws {
        #expect(HealthCheckResponse(status: .serving).encoded == [0x08, 0x01])
        #expect(HealthCheckResponse(status: .notServing).encoded == [0x08, 0x02])
        #expect(HealthCheckResponse(status: .unknown).encoded == [])
        for status in [ServingStatus.unknown, .serving, .notServing, .serviceUnknown] {
            let response = HealthCheckResponse(status: status)
            #expect(try HealthCheckResponse(decoding: response.encoded) == response)
        }
        // A status that this version does not know.
        let response = try HealthCheckResponse(decoding: [0x08, 0x63])
        #expect(response.status == .unrecognized(99))
        #expect(response.encoded == [0x08, 0x63])
    }

    @Test func appendingKeepsWhatIsThere() {
        var bytes: [UInt8] = [0, 0, 0, 0, 0]
        HelloRequest(name: "A").append(to: &bytes)
        #expect(bytes == [0, 0, 0, 0, 0, 0x0a, 0x01, 0x41])
    }

    @Test func textThatIsNotUTF8IsRefused() {
        #expect(throws: ProtobufError(.invalidUTF8, fields: [1], offset: 0)) {
            try HelloRequest(decoding: [0x0a, 0x01, 0xff])
        }
    }
}
