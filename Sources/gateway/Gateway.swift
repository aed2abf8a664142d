import Addresses
import Events
import HTTP
import HelloWorldAPI
import LoadBalancing
import RPCClient
import RPCCore
import Resolvers
import ServiceKit
import Web

/// What each loop of the gateway serves: its own channel, and the routes over it.
struct Gateway: Sendable {
    let options: GatewayOptions
    let identity: ServiceIdentity
    let channels = ChannelDirectory()

    /// Called once on each loop.
    func makeRouter(on loop: EventLoop) -> HTTPRouter {
        var router = HTTPRouter(refuse: ErrorResponse.refusal)
        let channel: Channel
        do throws(RPCError) {
            channel = try options.makeChannel(on: loop)
        } catch {
            // The target was tried at the start, so what is missing now is memory or descriptors.
            router.on(.get, prefix: "/go") { _ in ErrorResponse.make(error) }
            return router
        }
        channels.add(channel)
        channel.connect()

        let sample = SampleEndpoint(
            identity: identity, client: HelloWorldClient(channel), callTimeout: options.callTimeout)
        let channelEndpoint = ChannelEndpoint(channels: channels)
        let identity = identity

        router.on(.get, "/go") { _ in .json(.ok, identity.write) }
        router.on(.get, "/go/sample") { request in await sample.respond(request) }
        router.on(.get, "/go/hellogrpc") { request in await sample.respond(request) }
        router.on(.get, "/go/channel") { _ in await channelEndpoint.respond() }
        return router
    }
}
