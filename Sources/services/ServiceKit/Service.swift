package import Addresses
package import Events
package import HTTPTransport
package import Settings
import SpanExport
import System
package import Telemetry
import Timing

/// A running service: what its `main` needs to put the parts together. Belongs to the first loop; `log`, `metrics`,
/// `identity` and `loops` may be taken to the others.
package final class Service {
    private static let starting = "start"

    package let values: SettingValues
    package let options: CommonOptions
    package let identity: ServiceIdentity
    /// The first one is the current one.
    package let loops: [EventLoop]
    package let log: Log
    package let metrics = MetricRegistry()
    package let readiness = ServiceReadiness()
    package let lifecycle: Lifecycle
    /// Where spans of requests go; nil: there are none.
    package let spans: SpanCollector?
    private let loop: EventLoop
    private let export: SpanExport?
    private var admin: HTTPServer?
    private var adminRoutes: [(inout HTTPRouter) -> Void] = []
    private var adminGuest: (any StreamServer)?

    init(program: ServiceProgram, values: SettingValues, loops: [EventLoop]) throws {
        // EVENT_LOOPS is at least 1, so that only a mistake in this program gets here.
        guard let first = loops.first else { preconditionFailure("a service needs a loop") }
        let options = CommonOptions(values)
        self.values = values
        self.options = options
        self.loops = loops
        loop = first
        identity = ServiceIdentity(name: program.name, podName: options.podName)
        let log = Log(name: program.name, format: options.logFormat, level: options.logLevel, loops: loops)
        self.log = log
        let tracing = try TracingOptions.read(values, of: Service.subject(identity, options), on: first) {
            log.warn($0)
        }
        export = try tracing.map { [identity, metrics] in
            try SpanExport($0, version: identity.version, loops: loops, metrics: metrics, log: log)
        }
        spans = export?.collector
        lifecycle = try Lifecycle(
            on: first, delay: options.shutdownDelay, grace: options.shutdownGrace, readiness: readiness, log: log
        ) { Service.end(log, loops) }
        metrics.addProcessMetrics(service: identity.name, version: identity.version)
        let isReady = LoopBound(readiness, on: first)
        metrics.observe(Service.readinessMetric, [("name", identity.name)]) { isReady.value.isReady ? 1 : 0 }
        for slip in MisspeltVariables.find(
            among: Program.environmentNames.filter { !TracingSettings.isOthers($0) },
            known: program.allSettings.map(\.name))
        {
            log.warn("\(slip)")
        }
    }

    /// Writes out the log of every loop, and ends the process: after `Log.flushTime` in any case, whatever the log's
    /// reader and the other loops do.
    private static func end(_ log: Log, _ loops: [EventLoop]) {
        let deadline = MonotonicClock.now + Log.flushTime
        let last: @Sendable () -> Void = {
            log.flush(until: deadline)
            Program.exit(0)
        }
        Timer(on: loops[0], last).schedule(at: deadline)
        loops[0].startTask {
            for loop in loops.dropFirst() { await loop.run { log.flush(until: deadline) } }
            last()
        }
    }

    private static func subject(_ identity: ServiceIdentity, _ options: CommonOptions) -> TracingOptions.Subject {
        var subject = TracingOptions.Subject(
            name: identity.name, version: identity.version, instance: identity.hostname)
        subject.pod = options.podName
        subject.podIP = options.podIP
        subject.namespace = options.podNamespace
        return subject
    }

    private static let readinessMetric = MetricFamily(
        "service_ready", .gauge,
        help: "Whether the service wants traffic: 1 while /readyz says yes, else 0.")

    /// Adds to what the admin port answers, on the first loop. Only while the program builds the service.
    package func addAdminRoutes(_ add: @escaping (inout HTTPRouter) -> Void) { adminRoutes.append(add) }

    /// Lets the admin port serve those, too, who do not speak HTTP/1 there. Only while the program builds the service.
    package func addToAdminPort(_ guest: any StreamServer) { adminGuest = guest }

    /// Lets the program build the service, opens the admin port, and is ready.
    func begin(_ start: (Service) throws -> Void) throws {
        readiness.block(Service.starting, because: "the service is starting")
        // The routes that it adds are in the admin server then, which nobody reaches before this turn of the loop is over.
        try start(self)
        try startAdminServer()
        // Strong: the life cycle, which its signals keep alive, keeps the service.
        lifecycle.onStop { _ in await self.admin?.stop(grace: .zero) }
        // At the very end, when no request can add to it; and what held the end up until the grace was over must not cost the
        // spans of all others: there is some of the margin yet.
        if let export {
            lifecycle.onStop { grace in await export.stop(grace: max(grace, ShutdownMachine.margin * 7 / 10)) }
        }
        readiness.unblock(Service.starting)
    }

    private func startAdminServer() throws(SystemError) {
        var router = AdminRoutes(
            identity: identity, readiness: readiness, metrics: metrics, allowsActions: options.adminActions
        ).router
        for add in adminRoutes { add(&router) }
        let routes = LoopBound(router, on: loop)
        let guest = LoopBound(adminGuest, on: loop)
        let log = log
        let server = try HTTPServer(
            on: options.adminAddress, loop: loop,
            finished: { log.requestFinished($0, level: .debug, name: "ADMIN") },
            makeGuest: { _ in guest.value }, makeRouter: { _ in routes.value })
        admin = server
        announce(server.address, as: "admin")
    }

    /// Prints where a listener is: `2023/11/24 07:30:45 Listening on 127.0.0.1:8080 (grpc)`. Scripts and tests read it.
    package func announce(_ address: SocketAddress, as protocolName: String) {
        log.announce("Listening on \(address) (\(protocolName))")
    }
}
