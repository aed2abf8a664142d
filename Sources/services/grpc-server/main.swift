import Channelz
import Events
import HelloWorldAPI
import RPCMetrics
import RPCServer
import RPCSpans
import ServiceKit
import Settings
import StandardServices
import Telemetry

nonisolated func run() -> Never {
    ServiceProgram(
        name: "grpc-server",
        summary:
            "Serves sample.service.HelloWorld, grpc.health.v1 and reflection over gRPC, in clear text or over TLS.",
        settings: GRPCServerOptions.settings + TLSServerOptions.settings + RegistryOptions.settings
            + TroubleOptions.settings,
        probeAddress: CommonOptions.listenAddress,
        probe: HealthProbe.run
    ).run { service in
        let log = service.log
        let metrics = service.metrics
        let identity = service.identity
        let answerMetadata = identity.answerMetadata(ip: service.options.podIP)
        let troubles = service.values[TroubleOptions.trouble] ? TroubleSwitch() : nil
        if let troubles {
            let endpoint = TroubleEndpoint(troubles, log: log, on: service.loops[0])
            service.addAdminRoutes(endpoint.add)
            service.lifecycle.onStop { _ in endpoint.end() }
        }
        let health = HealthRegistry()
        let registries = try RegistryOptions(service.values, identity, on: service.loops[0])
        service.readiness.observe { health.setAll($0 ? .serving : .notServing) }

        let options = try GRPCServerOptions(service.values)
        let spans = service.spans
        let load = options.reportsLoad ? LoadReports.Totals() : nil
        let loops = service.loops.count

        let server = try RPCServer(
            on: service.options.listenAddress, loops: service.loops,
            configuration: options.server,
            acceptor: try TLSServerOptions.acceptor(service.values, protocols: ["h2"], log: log),
            warned: { log.warn($0) }
        ) { loop in
            var router = RPCRouter()
            let greeter = Greeter(hostname: identity.hostname, version: identity.version)
            if let troubles {
                router.add(TroubledService(greeter, troubles))
            } else {
                router.add(greeter)
            }
            router.add(HealthServer(health, services: [HelloWorld.service]), isApplication: false)
            router.addReflection(of: [.sampleServiceHelloWorld, .grpcHealthV1Health])
            var tracers: [any ServerTracer] = [ServerMetrics(metrics)]
            if let spans, let ofThisLoop = spans.ofThisLoop {
                tracers.append(ServerSpans(ofThisLoop, sampler: spans.sampler))
            }
            if let load { tracers.append(LoadReports(load, loops: loops, on: loop)) }
            if log.isEnabled(.info) { tracers.append(CallLog(log.ofThisLoop)) }
            return RPCServer.Services(router: router, tracers: tracers, answerMetadata: answerMetadata)
        }
        service.announce(server.address, as: "grpc")
        let channelz = ChannelzDirectory()
        channelz.add(server)
        service.addToAdminPort(channelz.makeSideServer(on: service.loops[0], options.server))
        let clients = try registries.makeClients(of: server.address, on: service.loops[0])
        let registrations = Registrations(clients, readiness: service.readiness, log: log, on: service.loops[0])
        registrations.begin()
        // First: connections go only when nobody finds the pod any more.
        service.lifecycle.onStop { grace in await registrations.stop(grace: grace) }
        service.lifecycle.onStop { _ in health.close() }
        service.lifecycle.onStop { grace in await server.stop(grace: grace) }
    }
}

run()
