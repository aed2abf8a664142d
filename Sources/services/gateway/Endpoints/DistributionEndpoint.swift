import Events
import HTTP
import HTTPTransport
import HelloWorldAPI
import JSON
import RPCClient
import RPCCore
import ServiceKit
import System
import Telemetry
import Timing

/// `GET /go/distribution`: many calls at once, and how they spread over the pods. Loop thread only.
struct DistributionEndpoint {
    /// Runs at once in this process: each may have 1000 calls under way (`DistributionParameters.maxConcurrency`), so
    /// that without a limit a few clients could take every pod's time.
    static let mostRuns = 4
    /// For who comes too early: a run of the usual size takes milliseconds, and nobody knows how long the others take.
    private static let retryAfter = "1"

    let client: HelloWorldClient
    let callTimeout: Duration?
    let loop: EventLoop
    /// The same for every loop.
    let limit: RunLimit

    func respond(_ request: HTTPRequest) async throws(QueryProblem) -> HTTPResponse {
        let parameters = try DistributionParameters(request.head.queryParameters)
        guard limit.enter() else { return refusal }
        defer { limit.leave() }
        var options = CallOptions(
            timeout: callTimeout, waitForReady: parameters.waitForReady, metadata: request.trace.metadata)
        // All of them together wait no longer than one: a run keeps its place among a few.
        if parameters.waitForReady == true, let callTimeout { options.deadline = loop.now + callTimeout }
        let run = DistributionRun(client: client, options: options, requests: parameters.requests)
        let start = MonotonicClock.now
        await run.perform(concurrency: parameters.concurrency, on: loop)
        if Task.isCancelled {
            return ErrorResponse.make(
                RPCError(.cancelled, "the client ended the connection before all calls were made"))
        }
        return answer(run.outcome, parameters, duration: MonotonicClock.now - start)
    }

    private var refusal: HTTPResponse {
        var response = ErrorResponse.make(
            RPCError(.resourceExhausted, "\(limit.most) runs are under way already, and there may be no more at once"))
        response.head.fields.append("Retry-After", DistributionEndpoint.retryAfter)
        return response
    }

    private func answer(
        _ outcome: Distribution, _ parameters: DistributionParameters, duration: Duration
    ) -> HTTPResponse {
        .json(.ok) { writer in
            writer.member("requests", parameters.requests)
            writer.member("concurrency", parameters.concurrency)
            writer.member("succeeded", outcome.succeeded)
            writer.member("failed", outcome.failed)
            writer.member("seconds", duration.milliseconds / 1_000)
            writer.key("pods")
            writer.beginArray()
            for pod in outcome.pods { write(pod, of: outcome.succeeded, to: &writer) }
            writer.endArray()
            writer.key("fairness")
            if let fairness = outcome.fairness {
                writer.double(fairness.rounded(toThousandths: ()))
            } else {
                writer.null()
            }
            writer.key("latencyMilliseconds")
            if let latency = outcome.latency { write(latency, to: &writer) } else { writer.null() }
            writer.key("errors")
            writer.beginArray()
            for problem in outcome.problems { write(problem, to: &writer) }
            writer.endArray()
        }
    }

    private func write(_ pod: Distribution.Pod, of total: Int, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("hostname", pod.hostname)
        writer.member("count", pod.count)
        writer.member("share", (Double(pod.count) / Double(total)).rounded(toThousandths: ()))
        writer.endObject()
    }

    private func write(_ latency: Distribution.Latencies, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("p50", latency.median.milliseconds)
        writer.member("p90", latency.p90.milliseconds)
        writer.member("p99", latency.p99.milliseconds)
        writer.member("max", latency.longest.milliseconds)
        writer.endObject()
    }

    private func write(_ problem: Distribution.Problem, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("code", problem.code.name)
        writer.member("count", problem.count)
        writer.member("message", problem.message)
        writer.endObject()
    }
}

extension Duration {
    /// With microseconds.
    fileprivate var milliseconds: Double { Double(nanoseconds / 1_000) / 1_000 }
}

extension Double {
    fileprivate func rounded(toThousandths: Void) -> Double { (self * 1_000).rounded() / 1_000 }
}
