import Addresses
import Bytes
import Events
import HTTP
import HTTPTransport
import JSON
import LoadBalancing
import Settings
import System
import Terminal

/// How commands talk to the supervisor: HTTP over a unix socket that only this user can open.
///
///     GET  /status
///     GET  /api                              what the fake of Kubernetes' API was asked
///     POST /scale?component=grpc&replicas=10
///     POST /restart?component=grpc
///     POST /mode?mode=etcd&policy=pick_first
///     POST /kill?pod=NAME
///     POST /down
enum ControlServer {
    static func start(
        for supervisor: Supervisor, stop: @escaping @Sendable () -> Void
    ) throws(SystemError) -> HTTPServer {
        let bound = LoopBound(supervisor, on: supervisor.loop)
        return try HTTPServer(on: .unix(path: supervisor.directory.control), loop: supervisor.loop) { _ in
            var router = HTTPRouter(refuse: ControlServer.refuse)
            router.on(.get, "/status") { _ in answer(.ok, bound.value.status.json) }
            router.on(.get, "/api") { _ in api(bound.value) }
            router.on(.post, "/scale") { scale($0, bound.value) }
            router.on(.post, "/restart") { restart($0, bound.value) }
            router.on(.post, "/mode") { changeMode($0, bound.value) }
            router.on(.post, "/kill") { kill($0, bound.value) }
            router.on(.post, "/down") { _ in
                stop()
                return answer(.accepted, [:])
            }
            return router
        }
    }

    private static func api(_ supervisor: Supervisor) -> HTTPResponse {
        guard let api = supervisor.api else {
            return refuse(.notFound, "mode \(supervisor.options.mode.name) has no fake of Kubernetes' API")
        }
        return answer(
            .ok, ["lists": .number(.integer(Int64(api.lists))), "watches": .number(.integer(Int64(api.watches)))])
    }

    private static func scale(_ request: HTTPRequest, _ supervisor: Supervisor) -> HTTPResponse {
        let parameters = request.head.queryParameters
        let component: Component
        do throws(UsageError) {
            component = try Component.required(parameters["component"] ?? "")
        } catch {
            return refuse(.notFound, error.description)
        }
        guard let count = parameters["replicas"].flatMap({ Decimal.number($0.utf8.span) }),
            (0...component.mostReplicas).contains(count)
        else {
            return refuse(.badRequest, "\(component.name) can have 0 to \(component.mostReplicas) pods")
        }
        guard supervisor.topology.components.contains(component) else {
            return refuse(.conflict, "mode \(supervisor.options.mode.name) has no \(component.name)")
        }
        supervisor.scale(component, to: count)
        return answer(.ok, [:])
    }

    private static func restart(_ request: HTTPRequest, _ supervisor: Supervisor) -> HTTPResponse {
        do throws(UsageError) {
            let component = try Component.required(request.head.queryParameters["component"] ?? "")
            try component.checkCanRoll()
            supervisor.restart(component)
            return answer(.ok, [:])
        } catch {
            return refuse(.badRequest, error.description)
        }
    }

    private static func changeMode(_ request: HTTPRequest, _ supervisor: Supervisor) -> HTTPResponse {
        let parameters = request.head.queryParameters
        guard let mode = Mode.named(parameters["mode"] ?? "") else {
            return refuse(.badRequest, "there is no such mode; there are: \(Mode.names)")
        }
        var policy: UpOptions.Policy?
        if let name = parameters["policy"] {
            policy = UpOptions.Policy(rawValue: name)
            if policy == nil {
                return refuse(.badRequest, "there is no such policy; there are: \(UpOptions.Policy.names)")
            }
        }
        do throws(Failure) {
            try supervisor.change(to: mode, policy: policy)
            return answer(.ok, [:])
        } catch {
            return refuse(.conflict, error.message)
        }
    }

    private static func kill(_ request: HTTPRequest, _ supervisor: Supervisor) -> HTTPResponse {
        let name = request.head.queryParameters["pod"] ?? ""
        guard let pod = supervisor.pods.first(where: { $0.name == name }) else {
            return refuse(.notFound, "there is no pod '\(name)'; \(Program.name) status lists them")
        }
        guard let pid = pod.process?.pid else { return refuse(.conflict, "\(name) has no process at the moment") }
        pod.kill()
        return answer(.ok, ["pid": .number(.integer(Int64(pid)))])
    }

    private static func answer(_ status: HTTPStatus, _ json: JSONValue) -> HTTPResponse {
        HTTPResponse(status: status, fields: ["Content-Type": "application/json"], body: json.serialized)
    }

    private static func refuse(_ status: HTTPStatus, _ message: String) -> HTTPResponse {
        answer(status, ["error": .string(message)])
    }
}
