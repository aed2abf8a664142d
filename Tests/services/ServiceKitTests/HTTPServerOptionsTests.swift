import HTTP
import HTTPTransport
import ServiceKit
import Settings
import Testing

@Suite struct HTTPServerOptionsTests {
    private func configuration(_ environment: [String: String]) throws -> HTTPServerConfiguration {
        let parsed = try CommandLineParser(HTTPServerOptions.settings).parse([], environment: { environment[$0] })
        guard case .values(let values) = parsed else {
            Issue.record("no values")
            return .defaults
        }
        return HTTPServerOptions.configuration(values)
    }

    @Test func everyLimitIsAValueOfItsOwn() throws {
        let changed = try configuration([
            "HTTP_REQUEST_LINE_BYTES": "100", "HTTP_HEADER_BYTES": "1KiB", "HTTP_HEADER_FIELDS": "7",
            "HTTP_BODY_BYTES": "0", "HTTP_HEADER_TIMEOUT": "1s", "HTTP_BODY_TIMEOUT": "2s",
            "HTTP_RESPONSE_TIMEOUT": "3s", "HTTP_IDLE_TIMEOUT": "4s", "HTTP_REQUESTS_PER_CONNECTION": "5",
            "MAX_CONNECTIONS": "6",
        ])
        var expected = HTTPServerConfiguration.defaults
        expected.limits.startLineBytes = 100
        expected.limits.fieldBytes = 1024
        expected.limits.fieldCount = 7
        expected.limits.bodyBytes = 0
        expected.limits.headerReadTime = .seconds(1)
        expected.limits.bodyReadTime = .seconds(2)
        expected.limits.responseWriteTime = .seconds(3)
        expected.limits.idleTime = .seconds(4)
        expected.limits.requestsPerConnection = 5
        expected.maximumConnections = 6
        #expect(changed == expected)
    }

    @Test(arguments: [(1024, 408), (1_048_576, 10_000), (.max, 10_000), (1, 1), (0, 1)])
    func connectionsAreBoundedByDescriptors(descriptors: Int, connections: Int) {
        #expect(HTTPServerOptions.automaticConnections(of: descriptors) == connections)
    }
}
