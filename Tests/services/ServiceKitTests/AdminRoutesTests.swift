import HTTP
import HTTPTransport
import ServiceKit
import Telemetry
import Testing

@Suite struct AdminRoutesTests {
    private let readiness = ServiceReadiness()
    private let metrics = MetricRegistry()

    private func ask(_ method: HTTPMethod, _ target: String, allowsActions: Bool = true) async -> HTTPResponse {
        let identity = ServiceIdentity(name: "gateway", version: "9.9", hostname: "gateway-1")
        let routes = AdminRoutes(
            identity: identity, readiness: readiness, metrics: metrics, allowsActions: allowsActions)
        var generator = SystemRandomNumberGenerator()
        let trace = RequestTrace([:], using: &generator)
        let head = HTTPRequestHead(method: method, target: target)
        return await routes.router.respond(to: HTTPRequest(head: head, trace: trace))
    }

    private func text(_ response: HTTPResponse) -> String { String(decoding: response.body.bytes ?? [], as: UTF8.self) }

    @Test func itIsHealthyAlsoWhenItIsNotReady() async {
        readiness.block("x", because: "y")
        #expect(await ask(.get, "/healthz").head.status == .ok)
    }

    @Test func readinessIsAStatusAndAReason() async {
        #expect(await ask(.get, "/readyz").head.status == .ok)
        readiness.block("x", because: "no pod is ready")
        let response = await ask(.get, "/readyz")
        #expect(response.head.status == .serviceUnavailable)
        #expect(text(response) == "no pod is ready\n")
    }

    @Test func theSwitchTurnsReadinessOffAndOn() async {
        #expect(await ask(.post, "/readyz/disable").head.status == .ok)
        #expect(!readiness.isReady)
        #expect(await text(ask(.get, "/readyz")) == "switched off by POST /readyz/disable\n")
        #expect(await ask(.post, "/readyz/disable").head.status == .ok)
        #expect(await ask(.post, "/readyz/enable").head.status == .ok)
        #expect(readiness.isReady)
    }

    @Test(arguments: ["/readyz/disable", "/readyz/enable"])
    func withoutActionsNobodyChangesAnything(path: String) async {
        for isReady in [true, false] {
            if !isReady { readiness.block("x", because: "no pod is ready") }
            let response = await ask(.post, path, allowsActions: false)
            #expect(response.head.status == .forbidden)
            #expect(text(response).contains("ADMIN_ACTIONS"))
            #expect(readiness.isReady == isReady)
            #expect(
                await ask(.get, "/readyz", allowsActions: false).head.status == (isReady ? .ok : .serviceUnavailable))
        }
    }

    @Test func theSwitchDoesNotOverruleOtherReasons() async {
        readiness.block("shutdown", because: "shutting down")
        #expect(await text(ask(.post, "/readyz/enable")) == "shutting down\n")
        #expect(!readiness.isReady)
    }

    @Test(arguments: ["/readyz/disable", "/readyz/enable"])
    func readingDoesNotSwitch(path: String) async {
        let response = await ask(.get, path)
        #expect(response.head.status == .methodNotAllowed)
        #expect(response.head.fields["Allow"] == "POST")
        #expect(readiness.isReady)
    }

    @Test func theVersionIsJSON() async {
        let response = await ask(.get, "/version")
        #expect(response.head.fields["Content-Type"] == "application/json")
        #expect(text(response) == #"{"name":"gateway","version":"9.9","hostname":"gateway-1"}"# + "\n")
    }

    @Test func metricsAreText() async {
        metrics.counter(MetricFamily("calls_total", .counter, help: "Calls.")).increment()
        let response = await ask(.get, "/metrics")
        #expect(response.head.fields["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(text(response).contains("\ncalls_total 1\n"))
    }

    @Test func anythingElseIsNotThere() async {
        #expect(await ask(.get, "/").head.status == .notFound)
    }
}
