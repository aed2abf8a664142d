import HTTPTransport
import ServiceKit
import Settings
import Telemetry

nonisolated func run() -> Never {
    ServiceProgram(
        name: "js-server", summary: "Serves files under /js, with a page that shows which pods answer.",
        settings: JSServerOptions.settings + HTTPServerOptions.settings
    ).run { service in
        let log = service.log
        let site = Site(options: try JSServerOptions(service.values), identity: service.identity, log: log)
        let spans = service.spans.map { HTTPServerSpans($0) }
        var http = HTTPServerOptions.configuration(service.values)
        http.sampler = service.spans?.sampler
        let requests = HTTPServerMetrics(service.metrics, on: service.loops)

        let server = try HTTPServer(
            on: service.options.listenAddress, loop: service.loops[0], servingOn: service.loops,
            configuration: http, warned: { log.warn($0) },
            finished: { access in
                log.requestFinished(access, name: "JS")
                requests.requestFinished(access)
                spans?.requestFinished(access)
            }, makeRouter: site.makeRouter)
        requests.countConnections(of: server, on: service.loops[0])
        service.announce(server.address, as: "http")
        service.lifecycle.onAnnounce { server.announceStop() }
        service.lifecycle.onStop { grace in await server.stop(grace: grace) }
    }
}

run()
