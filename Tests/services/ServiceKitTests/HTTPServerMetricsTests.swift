import Events
import HTTP
import ServiceKit
import Telemetry
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct HTTPServerMetricsTests {
    private let registry = MetricRegistry()

    private var counts: [String] {
        String(decoding: registry.text, as: UTF8.self).split(separator: "\n").filter { $0.contains("_count{") }
            .map { String($0.dropFirst("http_server_request_duration_seconds_count".utf8.count)) }.sorted()
    }

    @Test func methodStatusAndRouteMakeASeries() async throws {
        try await withLoop { loop in
            let metrics = HTTPServerMetrics(registry, on: [loop])
            for _ in 0..<3 { metrics.requestFinished("GET", route: "/go/sample", .ok, .milliseconds(2)) }
            metrics.requestFinished("GET", route: "/go/sample", .serviceUnavailable, .milliseconds(2))
            metrics.requestFinished("POST", route: "/go/sample", .methodNotAllowed, .zero)
            metrics.requestFinished("GET", route: nil, .notFound, .zero)
        }
        #expect(
            counts == [
                #"{http_request_method="GET",http_response_status_code="200",http_route="/go/sample"} 3"#,
                #"{http_request_method="GET",http_response_status_code="404"} 1"#,
                #"{http_request_method="GET",http_response_status_code="503",http_route="/go/sample"} 1"#,
                #"{http_request_method="POST",http_response_status_code="405",http_route="/go/sample"} 1"#,
            ])
    }

    /// A client chooses the method's text, and must not choose the number of series with it.
    @Test func inventedMethodsAreOne() async throws {
        try await withLoop { loop in
            let metrics = HTTPServerMetrics(registry, on: [loop])
            for number in 0..<50 { metrics.requestFinished("M\(number)", route: nil, .notFound, .zero) }
            metrics.requestFinished("", route: nil, .badRequest, .zero)
            metrics.requestFinished("get", route: nil, .badRequest, .zero)
        }
        #expect(
            counts == [
                #"{http_request_method="_OTHER",http_response_status_code="400"} 2"#,
                #"{http_request_method="_OTHER",http_response_status_code="404"} 50"#,
            ])
    }

    @Test func loopsAreAddedUp() async throws {
        let loops = try (0..<3).map { _ in try EventLoop.startThread(named: "http") }
        defer { for loop in loops { loop.stop() } }
        let metrics = HTTPServerMetrics(registry, on: loops)
        for loop in loops {
            await loop.run { metrics.requestFinished("GET", route: "/js/", .ok, .milliseconds(2)) }
        }
        #expect(
            counts == [#"{http_request_method="GET",http_response_status_code="200",http_route="/js/"} 3"#])
    }
}
