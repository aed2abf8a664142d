package import Addresses
package import Events
import HTTP
import HTTPTransport
package import JSON
package import Terminal
import Timing

/// Sends requests to nginx, as a user's curl does. Loop thread only.
package struct EntryClient {
    private let client: HTTPClient
    private let address: SocketAddress
    private let loop: EventLoop

    package init(port: UInt16, on loop: EventLoop) { self.init(.ip(.v4(0x7f00_0001), port: port), on: loop) }

    package init(_ address: SocketAddress, on loop: EventLoop) {
        var configuration = HTTPClient.Configuration.defaults
        configuration.idleConnections = 32
        client = HTTPClient(on: loop, configuration: configuration)
        self.address = address
        self.loop = loop
    }

    package func close() { client.closeIdleConnections() }

    /// The JSON that a 200 carries.
    package func get(_ target: String, timeout: Duration = .seconds(10)) async throws(Failure) -> JSONValue {
        do {
            return try JSONParser.parse(try await body(target, timeout: timeout))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure("GET \(target): \(error)")
        }
    }

    /// What a 200 carries.
    private func body(_ target: String, timeout: Duration) async throws(Failure) -> [UInt8] {
        let response: HTTPClientResponse
        do {
            response = try await client.send(
                HTTPClientRequest(.get, target, host: "\(address)"), to: address, timeout: timeout)
        } catch {
            throw Failure("\(error)")
        }
        guard response.status == .ok else {
            let message = (try? JSONParser.parse(response.body))?["error"]?["message"]?.string
            throw Failure("GET \(target): \(response.status)" + (message.map { ", \($0)" } ?? ""))
        }
        return response.body
    }

    /// The name of the grpc pod that served one `/go/sample`.
    package func sample() async throws(Failure) -> String { try await sample("/go/sample") }

    /// The same, with a pod that takes its time.
    package func sample(taking delay: Duration) async throws(Failure) -> String {
        try await sample("/go/sample?delay=\(DurationText.format(delay))", timeout: delay + .seconds(10))
    }

    private func sample(_ target: String, timeout: Duration = .seconds(10)) async throws(Failure) -> String {
        guard let pod = try await get(target, timeout: timeout)["response"]?["hostname"]?.string else {
            throw Failure("GET /go/sample: the answer has no response.hostname")
        }
        return pod
    }

    /// How many messages of one stream came; throws what ended it too early.
    package func stream(messages count: Int, each interval: Duration) async throws(Failure) -> Int {
        let time = interval * count
        let body = try await body(
            "/go/stream?count=\(count)&interval_ms=\(interval.nanoseconds / 1_000_000)", timeout: time + .seconds(10))
        let lines = body.split(separator: UInt8(ascii: "\n"))
        if let last = lines.last, let error = (try? JSONParser.parse(Array(last)))?["error"] {
            throw Failure(
                "GET /go/stream: after \(lines.count - 1) messages: \(error["message"]?.string ?? "an error")")
        }
        return lines.count
    }

    package func channel() async throws(Failure) -> ChannelReport {
        guard let report = ChannelReport(try await get("/go/channel")) else {
            throw Failure("GET /go/channel: the answer has no state or no subchannels")
        }
        return report
    }

    /// Sends `requests` samples, `concurrency` at a time.
    package func distribution(requests: Int, concurrency: Int) async -> Distribution {
        let work = LoopBound(Work(client: self, remaining: requests), on: loop)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<concurrency {
                group.addTask(executorPreference: loop) { await work.value.run() }
            }
        }
        return work.value.distribution
    }

    /// What the concurrent senders share. Loop thread only.
    private final class Work {
        private let client: EntryClient
        private var remaining: Int
        private(set) var distribution = Distribution()

        init(client: EntryClient, remaining: Int) {
            self.client = client
            self.remaining = remaining
        }

        func run() async {
            while remaining > 0, !Task.isCancelled {
                remaining -= 1
                do throws(Failure) {
                    distribution.add(.success(try await client.sample()))
                } catch {
                    distribution.add(.failure(error))
                }
            }
        }
    }
}
