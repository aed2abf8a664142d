import Events
import InteropAPI
import RPCServer
import ServiceKit

nonisolated func run() -> Never {
    ServiceProgram(name: "interop-server", summary: "Serves grpc.testing.TestService, for tests.", settings: []).run {
        service in
        let server = try RPCServer(on: service.options.listenAddress, loops: service.loops) { _ in
            var router = RPCRouter()
            router.add(TestServer())
            return RPCServer.Services(router: router)
        }
        service.announce(server.address, as: "grpc")
        service.lifecycle.onStop { grace in await server.stop(grace: grace) }
    }
}

run()
