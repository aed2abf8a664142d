import HTTP
import HTTPTransport
import Telemetry
import Testing

@Suite struct HTTPRouterTests {
    private func router() -> HTTPRouter {
        var router = HTTPRouter()
        router.on(.get, "/go") { _ in .text(.ok, "go") }
        router.on(.post, "/go") { _ in .text(.accepted, "posted") }
        router.on(.post, "/only post") { _ in .text(.ok, "post") }
        router.on(.get, prefix: "/js/") { .text(.ok, "file \($0.head.path)") }
        router.on(.get, prefix: "/js/deep/") { _ in .text(.ok, "deep") }
        router.on(.get, "/js/hello") { _ in .text(.ok, "hello") }
        return router
    }

    private func respond(_ method: HTTPMethod, _ target: String) async -> HTTPResponse {
        var generator = SystemRandomNumberGenerator()
        let trace = RequestTrace([:], using: &generator)
        let head = HTTPRequestHead(method: method, target: target)
        return await router().respond(to: HTTPRequest(head: head, trace: trace))
    }

    @Test(arguments: [
        (HTTPMethod.get, "/go", "go"), (.get, "/go?x=/y", "go"), (.post, "/go", "posted"), (.get, "/%67o", "go"),
        (.head, "/go", "go"), (.post, "/only%20post", "post"), (.get, "/js/a/..%2f", "file /js/a/..%2f"),
        (.get, "/js/deep/x", "deep"), (.get, "/js/hello", "hello"), (.get, "http://host/go", "go"),
    ])
    func finds(method: HTTPMethod, target: String, answer: String) async {
        #expect(await respond(method, target).body.bytes == Array(answer.utf8))
    }

    @Test(arguments: [
        (HTTPMethod.get, "/", HTTPStatus.notFound), (.get, "/go/", .notFound), (.get, "/GO", .notFound),
        (.get, "/%2567o", .notFound), (.get, "/js", .notFound), (.get, "/%zz", .badRequest),
        (.get, "/%ff", .badRequest),
        (.delete, "/go", .methodNotAllowed), (.head, "/only%20post", .methodNotAllowed),
    ])
    func refuses(method: HTTPMethod, target: String, status: HTTPStatus) async {
        #expect(await respond(method, target).head.status == status)
    }

    @Test(arguments: [
        ("/go?x=1", "/go"), ("/js/a/b", "/js/"), ("/js/deep/x", "/js/deep/"), ("/js/hello", "/js/hello"), ("/no", nil),
        ("/%zz", nil), ("/only%20post", "/only post"),
    ])
    func tellsTheRoute(target: String, route: String?) {
        switch router().match(HTTPRequestHead(method: .get, target: target)) {
        case .handler(_, let found): #expect(found == route)
        case .refusal(_, let found): #expect(found == route)
        }
    }

    @Test func aWrongMethodIsToldTheRightOnes() async {
        #expect(await respond(.delete, "/go").head.fields["allow"] == "GET, HEAD, POST")
    }
}
