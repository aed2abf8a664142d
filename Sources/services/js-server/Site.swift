import Events
import HTTP
import HTTPTransport
import ServiceKit
import StaticFiles
import Telemetry

/// What each loop of js-server serves.
struct Site: Sendable {
    let options: JSServerOptions
    let identity: ServiceIdentity
    let log: Log

    /// Called once on each loop.
    func makeRouter(on loop: EventLoop) -> HTTPRouter {
        var router = HTTPRouter(refuse: Page.error)
        let log = log
        let files = FileResponder(
            root: options.root, prefix: "/js", clock: { loop.now }, report: { log.warn($0) })
        let identity = identity

        router.on(.get, "/js/hello") { _ in .json(.ok, identity.write) }
        router.on(.get, "/js") { request in files.respond(request.head) }
        router.on(.get, prefix: "/js/") { request in files.respond(request.head) }
        return router
    }
}
